/// A tunnel's private key for the one who has the recovery code, and for nobody else: 99 bytes in base 64, a sealed box of
/// libsodium (`crypto_box_seal`) around the binding of the secret and the secret.
public struct RecoveryBox: TextValue, Equatable {
    public static let length = 99
    public let bytes: [UInt8]

    /// Nil unless there are ``length`` bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = Array(bytes)
    }

    public init(_ text: String) throws(ValueError) {
        var text = text
        guard text.utf8.count == Self.length / 3 * 4,
            let decoded = text.withUTF8({ Base64.decode(UnsafeRawBufferPointer($0)) }),
            let box = RecoveryBox(bytes: decoded.withUnsafeBytes { Array($0) })
        else { throw ValueError("must be a recovery box: \(Self.length) bytes in base 64") }
        self = box
    }

    public var description: String { Base64.text(bytes).text }

    public var json: JSON { .string(Base64.text(bytes)) }
}
