/// Opens secrets of class `client`, for the configuration of a client or a far end. A `device` secret is never opened.
public struct Reveal: Verb {
    public static let kind = Request.Kind.reveal
    /// The most secrets of one request.
    public static let limit = 256

    public let secrets: [Item]

    public init(_ secrets: [Item]) { self.secrets = secrets }

    public var request: Request { .reveal(self) }

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
        public let purpose: SecretPurpose
        public let secret: SealedSecret

        public init(object: ObjectID, purpose: SecretPurpose, secret: SealedSecret) {
            self.object = object
            self.purpose = purpose
            self.secret = secret
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            object = try reader.required("object")
            purpose = try reader.required("purpose")
            secret = try reader.required("secret")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("object", object)
                writer.add("purpose", purpose)
                writer.add("secret", secret)
            }.members
        }
    }

    /// The secrets, in the order of the request.
    public struct Answer: Message {
        public let secrets: [Secret]

        public init(_ secrets: [Secret]) { self.secrets = secrets }

        /// Those of them that are WireGuard keys.
        public var keys: [SecretKey] { secrets.compactMap { SecretKey($0) } }

        public init(reader: inout MemberReader) throws(Refusal) {
            guard let secrets: [Secret] = try reader.list("secrets", limit: Reveal.limit) else {
                throw reader.missing("secrets")
            }
            self.secrets = secrets
        }

        public var members: [JSON.Member] {
            MemberWriter { $0.add("secrets", secrets) }.members
        }
    }
}
