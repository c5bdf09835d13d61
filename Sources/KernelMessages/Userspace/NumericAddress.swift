internal import Glibc
internal import Wire

/// Addresses as programs write them, read from bytes in place: a list has tens of thousands.
enum NumericAddress {
    /// More than the longest address is long (`INET6_ADDRSTRLEN` of inet_pton(3)).
    private static let capacity = 46

    /// An address by inet_pton(3); nil if it is none.
    static func address(_ text: UnsafeRawBufferPointer) -> IPAddress? {
        guard text.count < capacity else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { words in
            for (index, byte) in text.enumerated() { words[index] = CChar(bitPattern: byte) }
            words[text.count] = 0
            guard let start = words.baseAddress else { return nil }
            return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { bytes in
                if inet_pton(AF_INET, start, bytes.baseAddress) == 1 {
                    return IPAddress(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<4]))
                }
                guard inet_pton(AF_INET6, start, bytes.baseAddress) == 1 else { return nil }
                return IPAddress(bytes: UnsafeRawBufferPointer(bytes))
            }
        }
    }

    /// A network with its length, `10.0.0.0/8`; nil if it is none, or has bits set behind its length.
    static func prefix(_ text: UnsafeRawBufferPointer) -> Prefix? {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
            let address = address(UnsafeRawBufferPointer(rebasing: text[..<slash])),
            let length = number(UnsafeRawBufferPointer(rebasing: text[(slash + 1)...])), length <= address.family.width
        else { return nil }
        let prefix = Prefix(masking: address, length: Int(length))
        return prefix.address == address ? prefix : nil
    }

    /// `192.0.2.1:5` or `[2001:db8::1]:5`; the zone of a link-local address (`[fe80::1%eth0]:5`) is left out.
    static func endpoint(_ text: UnsafeRawBufferPointer) -> Endpoint? {
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")),
            let number = number(UnsafeRawBufferPointer(rebasing: text[(colon + 1)...])), let port = try? Port(number)
        else { return nil }
        var host = text[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
            if let zone = host.firstIndex(of: UInt8(ascii: "%")) { host = host[..<zone] }
        }
        return address(UnsafeRawBufferPointer(rebasing: host)).map { Endpoint($0, port) }
    }

    /// A decimal number below 2^64, of digits alone.
    static func number(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard (1...20).contains(text.count) else { return nil }
        var number: UInt64 = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }
}
