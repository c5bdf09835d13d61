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

/// 32 secret bytes: a WireGuard private or pre-shared key. Wiped when the last reference goes; never printed.
///
/// It has a JSON form because a frame must carry it, and no other text form; no error of it quotes what was given.
public struct SecretKey: WireValue, CustomStringConvertible, CustomReflectable {
    private let bytes: Bytes

    /// Takes the memory over; nil unless there are 32 bytes.
    public init?(_ bytes: Bytes) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    public init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard text.count == 44, let bytes = text.withUTF8({ Base64.decode($0) }), let key = SecretKey(bytes) else {
            throw ValueError("must be a WireGuard key: 32 bytes in base 64, 44 characters that end in \"=\"")
        }
        // As a pre-shared key it would be none (wg(8)), as a private key everybody's. All bytes are looked at, always.
        guard key.withUnsafeBytes({ $0.reduce(0, |) }) != 0 else {
            throw ValueError("must not be the key of all zeros")
        }
        self = key
    }

    public var json: JSON { .string(JSONString(base64)) }

    /// The key as text, in memory that is wiped: for a frame, a configuration file or a QR code.
    public var base64: Bytes {
        let text = Bytes(capacity: 48)
        bytes.withUnsafeBytes { Base64.encode($0, to: text) }
        return text
    }

    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBytes(body)
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
