/// Makes keys, or takes given ones, and seals them: the only way that a secret gets into the database.
///
/// A key that is made here leaves the helper sealed, and for a private key with its public key beside it.
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
            /// The helper makes it.
            case made
            /// Somebody else did.
            case given(SecretKey)
            /// A backup: of class `device`, and only where root has typed the recovery code in.
            case box(RecoveryBox)
        }

        public init(
            object: ObjectID, class secretClass: SecretClass, purpose: SecretPurpose, origin: Origin = .made
        ) {
            self.object = object
            self.secretClass = secretClass
            self.purpose = purpose
            self.origin = origin
        }

        public init(object: ObjectID, class secretClass: SecretClass, purpose: SecretPurpose, given: SecretKey?) {
            self.init(object: object, class: secretClass, purpose: purpose, origin: given.map(Origin.given) ?? .made)
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            object = try reader.required("object")
            secretClass = try reader.required("class")
            purpose = try reader.required("purpose")
            let given: SecretKey? = try reader.optional("given")
            let box: RecoveryBox? = try reader.optional("box")
            switch (given, box) {
            case (nil, nil): origin = .made
            case (let key?, nil): origin = .given(key)
            case (nil, let box?): origin = .box(box)
            case (_?, _?): throw Refusal(.malformed, "can't go with given", field: reader.path("box"))
            }
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("object", object)
                writer.add("class", secretClass)
                writer.add("purpose", purpose)
                switch origin {
                case .made: break
                case .given(let key): writer.add("given", key)
                case .box(let box): writer.add("box", box)
                }
            }.members
        }
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
            /// What the secret is recognised by in the kernel's state without being read, where it is a pre-shared key.
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
