/// Seals secrets anew under the current master key, bound to exactly what they were bound to before.
///
/// The secret itself never leaves the helper. One that does not open refuses the whole request as `unsealable`, naming it.
public struct Reseal: Verb {
    public static let kind = Request.Kind.reseal
    /// The most secrets of one request.
    public static let limit = 256

    public let secrets: [Item]

    public init(_ secrets: [Item]) { self.secrets = secrets }

    public var request: Request { .reseal(self) }

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
        public let object: ObjectID
        public let secretClass: SecretClass
        public let purpose: SecretPurpose
        public let secret: SealedSecret

        public init(object: ObjectID, class secretClass: SecretClass, purpose: SecretPurpose, secret: SealedSecret) {
            self.object = object
            self.secretClass = secretClass
            self.purpose = purpose
            self.secret = secret
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            object = try reader.required("object")
            secretClass = try reader.required("class")
            purpose = try reader.required("purpose")
            secret = try reader.required("secret")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("object", object)
                writer.add("class", secretClass)
                writer.add("purpose", purpose)
                writer.add("secret", secret)
            }.members
        }
    }

    /// The secrets sealed anew, in the order of the request.
    public struct Answer: Message {
        public let sealed: [Item]

        public init(_ sealed: [Item]) { self.sealed = sealed }

        public init(reader: inout MemberReader) throws(Refusal) {
            guard let sealed: [Item] = try reader.messages("sealed", limit: Reseal.limit) else {
                throw reader.missing("sealed")
            }
            self.sealed = sealed
        }

        public var members: [JSON.Member] {
            MemberWriter { $0.add("sealed", messages: sealed) }.members
        }

        public struct Item: Message {
            public let secret: SealedSecret
            /// The fingerprint under the current key, where the purpose has one: it changes with the key.
            public let fingerprint: SecretFingerprint?
            /// The secret for a backup, where it is of class `device` and a recovery key is set.
            public let box: RecoveryBox?

            public init(_ secret: SealedSecret, fingerprint: SecretFingerprint? = nil, box: RecoveryBox? = nil) {
                self.secret = secret
                self.fingerprint = fingerprint
                self.box = box
            }

            public init(reader: inout MemberReader) throws(Refusal) {
                secret = try reader.required("secret")
                fingerprint = try reader.optional("fingerprint")
                box = try reader.optional("box")
            }

            public var members: [JSON.Member] {
                MemberWriter { writer in
                    writer.add("secret", secret)
                    writer.add("fingerprint", fingerprint)
                    writer.add("box", box)
                }.members
            }
        }
    }
}
