import CSodium
import Crypto
import FoundationEssentials
import Wire

/// Time-based one-time passwords (RFC 6238) of six digits, a new one each 30 s, by HMAC-SHA-1: what every authenticator
/// takes, and all that most take.
struct OneTimePassword: Sendable {
    static let period: Int64 = 30
    /// As many bytes as the hash has (RFC 4226, section 4).
    static let seedLength = 20
    /// By how many steps the two clocks may differ, either way.
    static let tolerance: Int64 = 1

    /// What the authenticator has too.
    let seed: Secret

    /// Nil unless the seed is as long as those that are made here.
    init?(seed: Secret) {
        guard seed.count == Self.seedLength else { return nil }
        self.seed = seed
    }

    /// A new one; nil would mean that a secret can't be as long as ``seedLength``.
    static func random() -> OneTimePassword? {
        let bytes = Bytes(capacity: seedLength)
        bytes.append(upTo: seedLength) { room in
            randombytes_buf(room.baseAddress!, room.count)
            return room.count
        }
        return Secret(bytes).flatMap(OneTimePassword.init)
    }

    /// The number of the 30 s in which `time` lies.
    static func step(at time: Timestamp) -> Int64 { time.milliseconds / 1000 / period }

    /// The code of a step, in ASCII digits.
    func code(ofStep step: Int64, digits: Int = OneTimeCode.digits) -> [UInt8] {
        let counter = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> (8 * Int64($0))) }
        let key = seed.withUnsafeBytes { SymmetricKey(data: $0) }
        let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: key))
        // RFC 4226, section 5.3: 31 bits from where the last four say.
        let offset = Int(digest[19] & 15)
        var number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        var code: [UInt8] = []
        for _ in 0..<digits {
            code.append(UInt8(ascii: "0") + UInt8(number % 10))
            number /= 10
        }
        return code.reversed()
    }

    /// The steps around `time` whose code this is, the earliest first; all are looked at, each in constant time.
    func steps(of code: OneTimeCode, at time: Timestamp) -> [Int64] {
        let now = Self.step(at: time)
        return (now - Self.tolerance...now + Self.tolerance).filter { step in
            BLAKE2b.areEqual(self.code(ofStep: step), code.characters)
        }
    }

    /// The seed in base 32, as it is typed into an authenticator.
    var base32: Bytes {
        let text = Bytes(capacity: 32)
        seed.withUnsafeBytes { Base32.encode($0, to: text) }
        return text
    }

    /// What a QR code for an authenticator holds (Google's key URI format): every character of a user's name may stand there.
    func uri(of user: Username) -> Bytes {
        let text = Bytes(capacity: 160)
        text.append("otpauth://totp/AiFw:\(user)?secret=".utf8)
        base32.withUnsafeBytes { text.append($0) }
        text.append("&issuer=AiFw&algorithm=SHA1&digits=\(OneTimeCode.digits)&period=\(Self.period)".utf8)
        return text
    }
}
