/// Who may ever read a secret again (design.md, "The vault"); part of the seal.
public enum SecretClass: String, WordValue, Equatable {
    /// A tunnel's private key: opened for configuring the interface only. No request returns it.
    case device
    /// A key that a client or far end must be told: opened for configuring and by ``Reveal``.
    case client
}

/// What a secret is for; part of the seal, so that a key can't be put to another use.
public enum SecretPurpose: String, WordValue, Equatable {
    case wireguardPrivateKey = "wireguard-private-key"
    case wireguardPresharedKey = "wireguard-preshared-key"
    /// With its salt at the end where the cipher has one.
    case ipsecEncryptionKeyIn = "ipsec-encryption-key-in"
    case ipsecEncryptionKeyOut = "ipsec-encryption-key-out"
    case ipsecAuthenticationKeyIn = "ipsec-authentication-key-in"
    case ipsecAuthenticationKeyOut = "ipsec-authentication-key-out"

    /// How many bytes a secret for it may have.
    public var lengths: Set<Int> {
        switch self {
        case .wireguardPrivateKey, .wireguardPresharedKey: [SecretKey.length]
        case .ipsecEncryptionKeyIn, .ipsecEncryptionKeyOut: Set(EncryptionAlgorithm.allCases.map(\.keyLength))
        case .ipsecAuthenticationKeyIn, .ipsecAuthenticationKeyOut:
            Set(AuthenticationAlgorithm.allCases.map(\.keyLength))
        }
    }

    /// Whether a secret for it is recognised in the kernel's state by its fingerprint, rather than by a public key.
    public var hasFingerprint: Bool {
        switch self {
        case .wireguardPrivateKey: false
        case .wireguardPresharedKey, .ipsecEncryptionKeyIn, .ipsecEncryptionKeyOut, .ipsecAuthenticationKeyIn,
            .ipsecAuthenticationKeyOut:
            true
        }
    }
}

/// A keyed hash of a secret by a key that only the helper has: equal secrets have equal fingerprints, and nothing else can
/// be learned from one. By it a symmetric key that differs from the desired one is found without being read.
public struct SecretFingerprint: TextValue {
    /// 16 bytes.
    public let bytes: [UInt8]

    /// What stands for a key that the kernel does not show: one in lockdown for confidentiality (kernel_lockdown(7)) gives
    /// zeros in its place, which no key of ours is.
    public static let hidden = SecretFingerprint(zeros: 16)

    private init(zeros count: Int) { bytes = [UInt8](repeating: 0, count: count) }

    /// Nil unless there are 16 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    public init(_ text: String) throws(ValueError) {
        var text = text
        guard text.utf8.count == 24, let decoded = text.withUTF8({ Base64.decode(UnsafeRawBufferPointer($0)) }),
            let value = SecretFingerprint(bytes: decoded.withUnsafeBytes { Array($0) })
        else { throw ValueError("must be a fingerprint of 16 bytes in base 64") }
        self = value
    }

    public var description: String { Base64.text(bytes).text }

    public var json: JSON { .string(Base64.text(bytes)) }
}

/// A sealed secret with the object it belongs to, as a request that needs it opened carries it.
public struct SealedReference: Message, Equatable {
    public let object: ObjectID
    public let secret: SealedSecret

    public init(object: ObjectID, secret: SealedSecret) {
        self.object = object
        self.secret = secret
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        object = try reader.required("object")
        secret = try reader.required("secret")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("object", object)
            writer.add("secret", secret)
        }.members
    }
}
