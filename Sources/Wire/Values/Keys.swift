/// A WireGuard public key: 32 bytes, written as 44 characters of base 64.
public struct PublicKey: TextValue {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Refuses what is not 44 characters of base 64, and the key of all zeros, which no private key has.
    public init(_ text: String) throws(ValueError) {
        var text = text
        let decoded = text.withUTF8 { Base64.decode(UnsafeRawBufferPointer($0)) }
        guard text.utf8.count == 44, let decoded, let key = PublicKey(bytes: decoded.withUnsafeBytes { Array($0) })
        else {
            throw ValueError("must be a WireGuard public key: 32 bytes in base 64, 44 characters that end in \"=\"")
        }
        guard key.bytes.contains(where: { $0 != 0 }) else { throw ValueError("must not be the key of all zeros") }
        self = key
    }

    public var description: String { Base64.text(bytes).text }

    public var json: JSON { .string(Base64.text(bytes)) }
}

/// Secret bytes, as many as their purpose asks for (``SecretPurpose/lengths``). Wiped when the last reference goes; never
/// printed.
///
/// They have a JSON form because a frame must carry them, and no other text form; no error of them quotes what was given.
public struct Secret: WireValue, CustomStringConvertible, CustomReflectable {
    /// The fewest and the most bytes that any purpose asks for.
    public static let lengths = 20...64

    private let bytes: Bytes

    /// Takes the memory over; nil unless its length is within ``lengths``.
    public init?(_ bytes: Bytes) {
        guard Self.lengths.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    public init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard text.count <= (Self.lengths.upperBound + 2) / 3 * 4, let bytes = text.withUTF8({ Base64.decode($0) }),
            let secret = Secret(bytes)
        else {
            let lengths = Self.lengths
            throw ValueError("must be a key of \(lengths.lowerBound) to \(lengths.upperBound) bytes in base 64")
        }
        try secret.refuseZeros()
        self = secret
    }

    public var json: JSON { .string(JSONString(base64)) }

    public var count: Int { bytes.count }

    /// The secret as text, in memory that is wiped: for a frame or a configuration file.
    public var base64: Bytes {
        let text = Bytes(capacity: (count + 2) / 3 * 4)
        bytes.withUnsafeBytes { Base64.encode($0, to: text) }
        return text
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBytes(body)
    }

    /// Refuses a key that everybody has; as a pre-shared key it would be none (wg(8)). All bytes are looked at, always.
    fileprivate func refuseZeros() throws(ValueError) {
        guard withUnsafeBytes({ $0.reduce(0, |) }) != 0 else { throw ValueError("must not be the key of all zeros") }
    }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// 32 secret bytes: a WireGuard private or pre-shared key.
public struct SecretKey: WireValue, CustomStringConvertible, CustomReflectable {
    public static let length = 32

    public let secret: Secret

    /// Nil unless there are 32 bytes.
    public init?(_ secret: Secret) {
        guard secret.count == Self.length else { return nil }
        self.secret = secret
    }

    /// Takes the memory over; nil unless there are 32 bytes.
    public init?(_ bytes: Bytes) {
        guard let secret = Secret(bytes) else { return nil }
        self.init(secret)
    }

    public init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard text.count == 44, let bytes = text.withUTF8({ Base64.decode($0) }), let key = SecretKey(bytes) else {
            throw ValueError("must be a WireGuard key: 32 bytes in base 64, 44 characters that end in \"=\"")
        }
        try key.secret.refuseZeros()
        self = key
    }

    public var json: JSON { secret.json }

    /// The key as text, in memory that is wiped: for a frame, a configuration file or a QR code.
    public var base64: Bytes { secret.base64 }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withUnsafeBytes(body)
    }

    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A secret as the vault sealed it: what the API daemon stores and cannot open.
public struct SealedSecret: TextValue {
    /// More than any sealed secret is long; a longer text is refused before it is looked at.
    public static let maximumLength = 1024
    /// Header, nonce and ciphertext (see docs/PROTOCOL.md).
    public let bytes: [UInt8]

    /// Nil if there are none or more than the text form may hold.
    public init?(bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength / 4 * 3 else { return nil }
        self.bytes = Array(bytes)
    }

    public init(_ text: String) throws(ValueError) {
        var text = text
        guard text.utf8.count <= Self.maximumLength,
            let decoded = text.withUTF8({ Base64.decode(UnsafeRawBufferPointer($0)) }),
            let sealed = SealedSecret(bytes: decoded.withUnsafeBytes { Array($0) })
        else { throw ValueError("must be a sealed secret in base 64") }
        self = sealed
    }

    public var description: String { Base64.text(bytes).text }

    public var json: JSON { .string(Base64.text(bytes)) }
}
