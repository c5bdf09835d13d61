/// The first request of a connection: says which protocol the client speaks and what the connection is for.
///
/// Of the two connections one writes and one reads, so that a status never waits behind a long list of peers.
public struct Greet: Verb {
    public static let kind = Request.Kind.greet
    /// The protocol of this source tree; another one is refused.
    public static let protocolVersion: UInt64 = 3

    public enum Channel: String, Sendable, CaseIterable, Equatable {
        case write
        case read
    }

    public let version: UInt64
    public let channel: Channel

    public init(channel: Channel, version: UInt64 = Greet.protocolVersion) {
        self.version = version
        self.channel = channel
    }

    public var request: Request { .greet(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        version = try reader.required("protocol")
        channel = try reader.required("channel")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("protocol", version)
            writer.add("channel", channel)
        }.members
    }

    /// Who answers, and by what means.
    public struct Answer: Message {
        public let version: UInt64
        /// The helper's release, for a person.
        public let release: String
        public let wireguard: WireGuardBackend
        /// What holds the anchor: which parts a rule has is its.
        public let filter: FilterBackend
        /// The current master key's id: secrets under another want ``Reseal``.
        public let key: SealingKeyID
        /// Whether root has set a recovery key: ``Reseal`` then boxes device keys for it.
        public let recovery: Bool

        public init(
            version: UInt64 = Greet.protocolVersion, release: String, wireguard: WireGuardBackend,
            filter: FilterBackend, key: SealingKeyID, recovery: Bool = false
        ) {
            self.version = version
            self.release = release
            self.wireguard = wireguard
            self.filter = filter
            self.key = key
            self.recovery = recovery
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            version = try reader.required("protocol")
            release = try reader.required("release")
            wireguard = try reader.required("wireguard")
            filter = try reader.required("filter")
            key = try reader.required("key")
            recovery = try reader.required("recovery")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("protocol", version)
                writer.add("release", release)
                writer.add("wireguard", wireguard)
                writer.add("filter", filter)
                writer.add("key", key)
                writer.add("recovery", recovery)
            }.members
        }
    }
}

/// How WireGuard is done on this host.
public enum WireGuardBackend: String, Sendable, CaseIterable, Equatable {
    /// The kernel's module, by generic netlink.
    case kernel
    /// A wireguard-go process for each tunnel, by its UAPI socket.
    case userspace
}

/// A word out of a closed list.
public protocol WordValue: WireValue, CaseIterable, RawRepresentable where RawValue == String {}

extension WordValue {
    public init(json: JSON) throws(ValueError) {
        guard let word = json.text, let value = Self(rawValue: word) else {
            let words = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw ValueError("must be one of \(words)\(json.text.map { ", not \($0.quoted)" } ?? "")")
        }
        self = value
    }

    public var json: JSON { .text(rawValue) }
}

extension Greet.Channel: WordValue {}
extension WireGuardBackend: WordValue {}
