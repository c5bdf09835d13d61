/// Makes keys, or takes given ones, and seals them: the only way that a secret gets into the database.
///
/// A key that is made here leaves the helper sealed, and for a private key with its public key beside it. Without a length it
/// has 32 bytes.
public struct Seal: Verb {
    public static let kind = Request.Kind.seal
    /// The most secrets of one request.
    public static let limit = 256

    public let secrets: [Item]

    public init(_ secrets: [Item]) { self.secrets = secrets }

    public var request: Request { .seal(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        guard let secrets: [Item] = try reader.messages("secrets", limit: Self.limit) else {
            throw reader.missing("secrets")
        }
        self.secrets = secrets
    }

    public var members: [JSON.Member] {
        MemberWriter { $0.add("secrets", messages: secrets) }.members
    }

    public struct Item: Message {
        /// The tunnel, peer or association that the secret belongs to; bound into the seal.
        public let object: ObjectID
        public let secretClass: SecretClass
        public let purpose: SecretPurpose
        public let origin: Origin

        /// Where the secret comes from.
        public enum Origin: Sendable {
            /// The helper makes it, with that many bytes: one of the purpose's ``SecretPurpose/lengths``.
            case made(length: Int)
            /// Somebody else did.
            case given(Secret)
            /// A backup: of class `device`, and only where root has typed the recovery code in.
            case box(RecoveryBox)
        }

        public init(
            object: ObjectID, class secretClass: SecretClass, purpose: SecretPurpose,
            origin: Origin = .made(length: SecretKey.length)
        ) {
            self.object = object
            self.secretClass = secretClass
            self.purpose = purpose
            self.origin = origin
        }

        public init(object: ObjectID, class secretClass: SecretClass, purpose: SecretPurpose, given: Secret?) {
            self.init(
                object: object, class: secretClass, purpose: purpose,
                origin: given.map(Origin.given) ?? .made(length: SecretKey.length))
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            object = try reader.required("object")
            secretClass = try reader.required("class")
            purpose = try reader.required("purpose")
            let given: Secret? = try reader.optional("given")
            let box: RecoveryBox? = try reader.optional("box")
            let length: Length? = try reader.optional("length")
            switch (given, box, length) {
            case (nil, nil, let length):
                origin = .made(length: length.map { Int($0.rawValue) } ?? SecretKey.length)
            case (let key?, nil, nil): origin = .given(key)
            case (nil, let box?, nil): origin = .box(box)
            case (_?, _?, _): throw Refusal(.malformed, "can't go with given", field: reader.path("box"))
            case (_, _, _?): throw Refusal(.malformed, "is for a secret that is made", field: reader.path("length"))
            }
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("object", object)
                writer.add("class", secretClass)
                writer.add("purpose", purpose)
                switch origin {
                case .made(let length):
                    if length != SecretKey.length { writer.add("length", Length(validated: UInt8(clamping: length))) }
                case .given(let key): writer.add("given", key)
                case .box(let box): writer.add("box", box)
                }
            }.members
        }
    }

    /// How many bytes a secret is to have.
    private struct Length: NumberValue {
        static let range = UInt8(Secret.lengths.lowerBound)...UInt8(Secret.lengths.upperBound)
        let rawValue: UInt8
        init(validated: UInt8) { rawValue = validated }
    }

    /// The sealed secrets, in the order of the request.
    public struct Answer: Message {
        public let sealed: [Item]

        public init(_ sealed: [Item]) { self.sealed = sealed }

        public init(reader: inout MemberReader) throws(Refusal) {
            guard let sealed: [Item] = try reader.messages("sealed", limit: Seal.limit) else {
                throw reader.missing("sealed")
            }
            self.sealed = sealed
        }

        public var members: [JSON.Member] {
            MemberWriter { $0.add("sealed", messages: sealed) }.members
        }

        public struct Item: Message {
            public let secret: SealedSecret
            /// The public key, where the secret is a WireGuard private key.
            public let publicKey: PublicKey?
            /// What the secret is recognised by in the kernel's state without being read, where the purpose has one.
            public let fingerprint: SecretFingerprint?

            public init(_ secret: SealedSecret, publicKey: PublicKey? = nil, fingerprint: SecretFingerprint? = nil) {
                self.secret = secret
                self.publicKey = publicKey
                self.fingerprint = fingerprint
            }

            public init(reader: inout MemberReader) throws(Refusal) {
                secret = try reader.required("secret")
                publicKey = try reader.optional("public_key")
                fingerprint = try reader.optional("fingerprint")
            }

            public var members: [JSON.Member] {
                MemberWriter { writer in
                    writer.add("secret", secret)
                    writer.add("public_key", publicKey)
                    writer.add("fingerprint", fingerprint)
                }.members
            }
        }
    }
}
