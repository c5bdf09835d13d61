import Wire

/// The files that clients import, out of fields that somebody typed.
///
/// The input is fields divided by the byte 0xFF, which no UTF-8 has, in the order of ``Field``. A field that is refused, or
/// missing, has a plain value instead.
enum ClientConfigurations {
    private enum Field: Int, CaseIterable {
        case name, allowedIPs, clientRoutes, addresses, splitRoutes, dns, endpoint, numbers
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        let fields = input.split(separator: 0xFF, maxSplits: Field.allCases.count, omittingEmptySubsequences: false)
        func text(_ field: Field) -> String? {
            guard fields.indices.contains(field.rawValue) else { return nil }
            return String(validating: fields[field.rawValue], as: UTF8.self)
        }
        func value<Value: TextValue>(_ field: Field, _ type: Value.Type = Value.self) -> Value? {
            guard let text = text(field), let value = try? Value(text) else { return nil }
            Checks.take()
            let again = Checks.must("what a value was written to is read") { try Value(value.description) }
            Checks.require(again == value, "a value that was written and read is the same")
            let listed = Checks.must("what a value was listed as is read") { try Value(json: value.json) }
            Checks.require(listed == value, "a value that was listed and read is the same")
            return value
        }
        func plain<Value: TextValue>(_ text: String) -> Value {
            Checks.must("a plain value is read") { try Value(text) }
        }
        if let name: ObjectName = value(.name) { file(name) }
        let numbers = (text(.numbers) ?? "").utf8.map { Int($0) } + [0, 0, 0, 0, 0]
        let configuration = ClientConfiguration(
            privateKey: key(1), presharedKey: numbers[0] % 2 == 1 ? key(2) : nil,
            allowedIPs: value(.allowedIPs) ?? plain("10.0.0.2"), clientRoutes: value(.clientRoutes),
            keepalive: try? Keepalive(numbers[1] * 256),
            tunnelKey: plain("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
            tunnelAddresses: value(.addresses) ?? plain("10.0.0.1/24"), splitRoutes: value(.splitRoutes),
            dns: value(.dns), mtu: (try? MTU(numbers[2] * 256)) ?? .standard,
            endpoint: value(.endpoint) ?? plain("192.0.2.1"), listenPort: (try? Port(numbers[3])) ?? port)
        for extent in ClientConfiguration.Extent.allCases {
            configuration.text(extent).withUnsafeBytes { check(String(decoding: $0, as: UTF8.self)) }
        }
    }

    private static func key(_ byte: UInt8) -> SecretKey {
        guard let key = SecretKey(Bytes([UInt8](repeating: byte, count: 32))) else { Checks.fail("a key has 32 bytes") }
        return key
    }

    private static var port: Port { Checks.must("a port is read") { try Port(51820) } }

    /// A file's name is one that wg-quick(8) takes, and neither it nor the header that has it adds anything.
    private static func file(_ name: ObjectName) {
        Checks.require(Checks.isOneLine(name.description), "a name is one line")
        let file = ConfigurationFileName(name)
        let stem = file.stem.utf8
        Checks.require((1...15).contains(stem.count) && stem.first != hyphen && stem.first != dot, "a name of wg-quick")
        Checks.require(stem.allSatisfy { Form.isAlphanumeric($0) || "_=+.-".utf8.contains($0) }, "a name of wg-quick")
        let header = ContentDisposition.attachment(name: "\(name).conf", fallback: "\(file)")
        let parts = header.split(separator: "; ", omittingEmptySubsequences: false)
        Checks.require(header.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a header is printable ASCII")
        Checks.require((2...3).contains(parts.count), "a header has the parameters that it should")
        Checks.require(parts[0] == "attachment" && parts[1] == "filename=\"\(file)\"", "a header names the file")
        guard parts.count == 3 else { return }
        Checks.require(parts[2].hasPrefix("filename*=UTF-8''"), "a header names the file")
        Checks.require(
            parts[2].dropFirst(17).utf8.allSatisfy { Form.isAlphanumeric($0) || "-._%".utf8.contains($0) },
            "a name in a header is encoded")
    }

    private static let hyphen = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")

    /// A file has these lines in this order, some of which may be missing, each with a value of its own form.
    private static func check(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        for form in Form.file {
            guard let line = lines.first, form.matches(line) else {
                Checks.require(form.mayBeMissing, "\(form) is missing from:\n\(text)")
                continue
            }
            lines.removeFirst()
        }
        Checks.require(lines.isEmpty, "lines were added:\n\(text)")
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    ClientConfigurations.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
