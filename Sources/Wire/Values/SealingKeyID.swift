/// Which master key a sealed secret is under: 8 bytes in base 64, from which nothing of the key can be learned.
public struct SealingKeyID: TextValue {
    /// 8 bytes.
    public let bytes: [UInt8]

    /// Nil unless there are 8 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        self.bytes = Array(bytes)
    }

    public init(_ text: String) throws(ValueError) {
        var text = text
        guard text.utf8.count == 12, let decoded = text.withUTF8({ Base64.decode(UnsafeRawBufferPointer($0)) }),
            let value = SealingKeyID(bytes: decoded.withUnsafeBytes { Array($0) })
        else { throw ValueError("must be the id of a key: 8 bytes in base 64") }
        self = value
    }

    public var description: String { Base64.text(bytes).text }

    public var json: JSON { .string(Base64.text(bytes)) }
}

extension SealedSecret {
    /// The key it says that it is under, bytes 1 to 8 of every sealed secret; nil if it is too short to say so.
    public var keyID: SealingKeyID? { SealingKeyID(bytes: bytes.dropFirst().prefix(8)) }
}
