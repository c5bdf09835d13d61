import CSodium
import Daemon
import Wire

/// The recovery key's secret half as a person writes it down: 56 letters and digits of Crockford's base 32 in 8 groups, of
/// which the last 24 bits are a checksum (BLAKE2b), so that a mistake in copying is found.
enum RecoveryCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let checksumLength = 3
    private static let groupLength = 7

    static func encode(_ secret: LockedMemory) -> Bytes {
        let bytes = Bytes(capacity: 64)
        secret.withUnsafeBytes(bytes.append)
        secret.withUnsafeBytes { bytes.append(checksum(of: $0)) }
        let code = Bytes(capacity: 64)
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 5) {
                let group = bytes[start..<start + 5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                for digit in 0..<8 {
                    if (start / 5 * 8 + digit) % groupLength == 0, !code.isEmpty { code.append(UInt8(ascii: "-")) }
                    code.append(alphabet[Int(group >> (35 - 5 * digit) & 31)])
                }
            }
        }
        return code
    }

    /// Reads a code; capitals or not, with hyphens and spaces anywhere, O for 0, I and L for 1.
    static func decode(_ text: Bytes) throws(StartupError) -> LockedMemory {
        let digits = Bytes(capacity: 64)
        try text.withUnsafeBytes { (text) throws(StartupError) in
            for letter in text where letter != UInt8(ascii: "-") && letter != UInt8(ascii: " ") {
                switch letter & 0xDF {
                case UInt8(ascii: "O"): digits.append(0)
                case UInt8(ascii: "I"), UInt8(ascii: "L"): digits.append(1)
                case let capital:
                    guard let digit = alphabet.firstIndex(of: letter < 0x40 ? letter : capital) else {
                        throw StartupError("letter \(digits.count + 1) of the code is none that a code has")
                    }
                    digits.append(UInt8(digit))
                }
            }
        }
        let count = (KeyFile.keyLength + checksumLength) * 8 / 5
        guard digits.count == count else {
            throw StartupError("the code has \(digits.count) letters and digits; a whole one has \(count)")
        }
        let bytes = Bytes(capacity: 64)
        digits.withUnsafeBytes { digits in
            for start in stride(from: 0, to: digits.count, by: 8) {
                let group = digits[start..<start + 8].reduce(UInt64(0)) { $0 << 5 | UInt64($1) }
                for byte in 0..<5 { bytes.append(UInt8(truncatingIfNeeded: group >> (32 - 8 * byte))) }
            }
        }
        return try bytes.withUnsafeBytes { (bytes) throws(StartupError) in
            let secret = UnsafeRawBufferPointer(rebasing: bytes[..<KeyFile.keyLength])
            guard bytes[KeyFile.keyLength...].elementsEqual(checksum(of: secret)) else {
                throw StartupError("the code has a mistake in it: its checksum is not right")
            }
            return try LockedMemory(count: secret.count) { $0.copyMemory(from: secret) }
        }
    }

    private static func checksum(of secret: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(crypto_generichash_BYTES_MIN))
        _ = crypto_generichash(&hash, hash.count, secret.octets, UInt64(secret.count), nil, 0)
        return Array(hash.prefix(checksumLength))
    }
}
