/// Reads security associations and policies as the kernel has them, without any key.
///
/// With keys: those alone, and a security association also where it is somebody else's, which then has no number. Without:
/// all of ours. The answer comes in as many frames as it needs; all but the last say `more`.
public struct ReadAssociations: Verb {
    public static let kind = Request.Kind.readAssociations
    /// How many bytes are put into one frame at most: so few that both ends hold little of a long list at once.
    public static let pageSize = 64 << 10

    /// Nil for all of ours.
    public let only: Keys?

    public init(only: Keys? = nil) { self.only = only }

    public var request: Request { .readAssociations(self) }

    public init(reader: inout MemberReader) throws(Refusal) { only = try reader.message("only") }

    public var members: [JSON.Member] { MemberWriter { $0.add("only", only?.json) }.members }

    /// What to look for; the numbers in the keys are not compared.
    public struct Keys: Message {
        /// At most ``ApplyAssociations/limit``.
        public let associations: [SecurityAssociationKey]
        /// At most ``ApplyAssociations/policyLimit``.
        public let policies: [SecurityPolicyKey]

        public init(associations: [SecurityAssociationKey] = [], policies: [SecurityPolicyKey] = []) {
            self.associations = associations
            self.policies = policies
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            associations = try reader.messages("associations", limit: ApplyAssociations.limit) ?? []
            policies = try reader.messages("policies", limit: ApplyAssociations.policyLimit) ?? []
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("associations", messages: associations)
                writer.add("policies", messages: policies)
            }.members
        }
    }

    public struct Answer: Message {
        public let associations: [SecurityAssociationState]
        public let policies: [SecurityPolicyState]
        /// Whether another frame follows.
        public let more: Bool

        public init(associations: [SecurityAssociationState], policies: [SecurityPolicyState], more: Bool) {
            self.associations = associations
            self.policies = policies
            self.more = more
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            associations = try reader.messages("associations", limit: Frame.maximumLength) ?? []
            policies = try reader.messages("policies", limit: Frame.maximumLength) ?? []
            more = try reader.required("more")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("associations", messages: associations)
                writer.add("policies", messages: policies)
                writer.add("more", more)
            }.members
        }
    }
}

/// A security association as the kernel has it.
public struct SecurityAssociationState: Message, Equatable {
    /// Nil if it is somebody else's.
    public let number: AssociationNumber?
    public let source: IPAddress
    public let destination: IPAddress
    public let spi: SPI
    public let securityProtocol: IPsecProtocol
    /// What we would make it by; nil if it has a mode, an algorithm or an option that we never use.
    public let asMade: SecurityAssociation<SecretFingerprint>?
    /// Bytes and packets that it has carried since it was installed.
    public let bytes: UInt64
    public let packets: UInt64
    /// When it was installed, and when first used (0 if never): seconds since 1970.
    public let addedAt: UInt64
    public let usedAt: UInt64
    /// Packets that were dropped: older than the replay window, repeated, and with a wrong tag.
    public let outsideWindow: UInt64
    public let repeated: UInt64
    public let unauthentic: UInt64

    public init(
        number: AssociationNumber?, source: IPAddress, destination: IPAddress, spi: SPI,
        securityProtocol: IPsecProtocol, asMade: SecurityAssociation<SecretFingerprint>?, bytes: UInt64,
        packets: UInt64, addedAt: UInt64, usedAt: UInt64, outsideWindow: UInt64, repeated: UInt64, unauthentic: UInt64
    ) {
        self.number = number
        self.source = source
        self.destination = destination
        self.spi = spi
        self.securityProtocol = securityProtocol
        self.asMade = asMade
        self.bytes = bytes
        self.packets = packets
        self.addedAt = addedAt
        self.usedAt = usedAt
        self.outsideWindow = outsideWindow
        self.repeated = repeated
        self.unauthentic = unauthentic
    }

    /// What the kernel finds it by; nil if it is not ours.
    public var key: SecurityAssociationKey? {
        number.map {
            SecurityAssociationKey(
                number: $0, destination: destination, spi: spi, securityProtocol: securityProtocol)
        }
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        number = try reader.optional("number")
        source = try reader.required("source")
        destination = try reader.required("destination")
        spi = try reader.required("spi")
        securityProtocol = try reader.required("protocol")
        asMade = try reader.take("as_made").map { (json) throws(Refusal) in
            var inner = try MemberReader(json, path: reader.path("as_made"))
            let association = try SecurityAssociation<SecretFingerprint>(reader: &inner)
            try inner.finish()
            return association
        }
        bytes = try reader.required("bytes")
        packets = try reader.required("packets")
        addedAt = try reader.required("added_at")
        usedAt = try reader.required("used_at")
        outsideWindow = try reader.required("outside_window")
        repeated = try reader.required("repeated")
        unauthentic = try reader.required("unauthentic")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("number", number)
            writer.add("source", source)
            writer.add("destination", destination)
            writer.add("spi", spi)
            writer.add("protocol", securityProtocol)
            writer.add("as_made", asMade.map { association in .object(MemberWriter(association.add).members) })
            writer.add("bytes", bytes)
            writer.add("packets", packets)
            writer.add("added_at", addedAt)
            writer.add("used_at", usedAt)
            writer.add("outside_window", outsideWindow)
            writer.add("repeated", repeated)
            writer.add("unauthentic", unauthentic)
        }.members
    }
}

/// A policy of ours as the kernel has it.
public struct SecurityPolicyState: Message, Equatable {
    public let key: SecurityPolicyKey
    /// What we would make it by; nil if its templates or its priority are none that we make.
    public let asMade: SecurityPolicy?

    public init(key: SecurityPolicyKey, asMade: SecurityPolicy?) {
        self.key = key
        self.asMade = asMade
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        key = try SecurityPolicyKey(reader: &reader)
        asMade = try reader.message("as_made")
    }

    public var members: [JSON.Member] { key.members + MemberWriter { $0.add("as_made", asMade?.json) }.members }
}
