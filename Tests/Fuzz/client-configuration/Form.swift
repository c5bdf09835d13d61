import Glibc
import Wire

/// The form of one line of a client's configuration (wg-quick(8)), written without the code that writes it.
struct Form: Sendable {
    /// What the line begins with; all of it if there is no value.
    let start: String
    var mayBeMissing = false
    /// Whether a value, or each of those divided by ", ", is as it should be; nil if there is none.
    var value: (@Sendable (Substring) -> Bool)?

    static let file = [
        Form(start: "[Interface]"),
        Form(start: "PrivateKey = ", value: isKey),
        Form(start: "Address = ", mayBeMissing: true, value: isPrefix),
        Form(start: "DNS = ", mayBeMissing: true) { isAddress($0) || isHostName($0) },
        Form(start: "MTU = ") { isNumber($0, 576...65535) },
        Form(start: ""),
        Form(start: "[Peer]"),
        Form(start: "PublicKey = ", value: isKey),
        Form(start: "PresharedKey = ", mayBeMissing: true, value: isKey),
        Form(start: "Endpoint = ", value: isEndpoint),
        Form(start: "AllowedIPs = ", value: isPrefix),
        Form(start: "PersistentKeepalive = ", mayBeMissing: true) { isNumber($0, 1...65535) },
        Form(start: ""),
    ]

    func matches(_ line: Substring) -> Bool {
        guard let value else { return line == start }
        guard line.hasPrefix(start), line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
        let rest = line.dropFirst(start.count)
        let values = rest.components(", ")
        return !values.isEmpty && values.allSatisfy(value)
    }

    @Sendable private static func isKey(_ text: Substring) -> Bool {
        text.utf8.count == 44 && text.last == "="
            && text.dropLast().utf8.allSatisfy { isAlphanumeric($0) || "+/".utf8.contains($0) }
    }

    private static func isNumber(_ text: Substring, _ range: ClosedRange<Int>) -> Bool {
        guard let number = Int(text), String(number) == text else { return false }
        return range.contains(number)
    }

    /// By inet_pton(3), which is none of our code.
    private static func isAddress(_ text: Substring, _ family: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { room in
            inet_pton(family, String(text), room.baseAddress) == 1
        }
    }

    private static func isAddress(_ text: Substring) -> Bool { isAddress(text, AF_INET) || isAddress(text, AF_INET6) }

    @Sendable private static func isPrefix(_ text: Substring) -> Bool {
        let parts = text.components("/")
        return parts.count == 2 && isAddress(parts[0])
            && isNumber(parts[1], 0...(isAddress(parts[0], AF_INET) ? 32 : 128))
    }

    private static func isHostName(_ text: Substring) -> Bool {
        text.utf8.count <= 253 && text.utf8.first.map(isAlphanumeric) == true
            && text.utf8.last.map(isAlphanumeric) == true
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-.".utf8.contains($0) }
    }

    @Sendable private static func isEndpoint(_ text: Substring) -> Bool {
        guard let colon = text.lastIndex(of: ":"), isNumber(text[text.index(after: colon)...], 1...65535) else {
            return false
        }
        let host = text[..<colon]
        guard host.hasPrefix("["), host.hasSuffix("]") else { return isAddress(host, AF_INET) || isHostName(host) }
        return isAddress(host.dropFirst().dropLast(), AF_INET6)
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

extension Substring {
    /// What is between the separators, by bytes: characters could join with them.
    fileprivate func components(_ separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self
        while let found = rest.utf8.firstRange(of: separator.utf8) {
            parts.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        return parts + [rest]
    }
}
