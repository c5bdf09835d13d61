import CSodium
import Wire

/// What a file of a backup begins with, in clear: which format it has, and what its key is made from (docs/BACKUP.md).
///
/// All of it goes into the authentication of each part that follows.
struct BackupHead: Sendable {
    static let magic = Array("AIFW-VPN".utf8)
    /// The one format that is written and read.
    static let version: UInt8 = 1
    private static let streamLength = Int(crypto_secretstream_xchacha20poly1305_HEADERBYTES)
    private static let checkedLength = magic.count + 1 + 4 + 4 + BackupKey.saltLength + streamLength
    static let length = checkedLength + BackupKey.checkLength

    let cost: BackupKey.Cost
    let salt: [UInt8]
    /// What libsodium's stream begins with.
    let stream: [UInt8]
    /// As ``BackupKey/check(of:)`` has it.
    private let check: [UInt8]

    /// The head of a new file.
    init(_ cost: BackupKey.Cost, salt: [UInt8], stream: [UInt8], key: BackupKey) {
        self.cost = cost
        self.salt = salt
        self.stream = stream
        check = key.check(of: Self.checked(cost, salt, stream))
    }

    /// The head of a file that somebody sent.
    init(_ file: Bytes) throws(BackupError) {
        let (magic, version) = (Self.magic, Self.version)
        let head = file.withUnsafeBytes { Array($0.prefix(Self.length)) }
        guard head.starts(with: magic), head.count > magic.count else { throw .foreign }
        guard head[magic.count] == version else { throw .version(head[magic.count]) }
        guard head.count == Self.length else { throw .damaged("it ends within its first \(Self.length) bytes") }
        var rest = head.dropFirst(magic.count + 1)
        func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func number() -> UInt32 { take(4).reduce(0) { $0 << 8 | UInt32($1) } }
        cost = BackupKey.Cost(passes: number(), kibibytes: number())
        guard cost.isTaken else { throw .cost }
        salt = take(BackupKey.saltLength)
        stream = take(Self.streamLength)
        check = take(BackupKey.checkLength)
    }

    /// The salt of a new file.
    static func newSalt() -> [UInt8] {
        var salt = [UInt8](repeating: 0, count: BackupKey.saltLength)
        randombytes_buf(&salt, salt.count)
        return salt
    }

    var bytes: [UInt8] { Self.checked(cost, salt, stream) + check }

    /// Throws ``BackupError/wrongPassphrase`` unless this is the key that the file was written with.
    func permit(_ key: BackupKey) throws(BackupError) {
        guard BLAKE2b.areEqual(key.check(of: Self.checked(cost, salt, stream)), check) else { throw .wrongPassphrase }
    }

    private static func checked(_ cost: BackupKey.Cost, _ salt: [UInt8], _ stream: [UInt8]) -> [UInt8] {
        magic + [version] + bytes(of: cost.passes) + bytes(of: cost.kibibytes) + salt + stream
    }

    /// Most significant first.
    static func bytes(of number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
