/// Reads what is loaded in the anchor `aifw-vpn`, as the packet filter names its parts.
///
/// A rule is loaded if all of its parts are; which parts a rule has with which filter, the module FilterRules says to both
/// daemons. The answer comes in as many frames as it needs; all but the last say `more`.
public struct ReadRules: Verb, EmptyMessage {
    public static let kind = Request.Kind.readRules
    /// About how many bytes of parts are put into one frame: so few that both ends hold little of a long list at once.
    public static let pageSize = 64 << 10

    public init() {}

    public var request: Request { .readRules(self) }

    public struct Answer: Message {
        /// Whether the anchor is there with all its constant rules; false asks for ``ApplyRules/reset``.
        public let isWhole: Bool
        public let parts: [String]
        /// Whether another frame follows.
        public let more: Bool

        public init(isWhole: Bool, parts: [String], more: Bool) {
            self.isWhole = isWhole
            self.parts = parts
            self.more = more
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            isWhole = try reader.required("whole")
            parts = try reader.list("parts", limit: Frame.maximumLength) ?? []
            more = try reader.required("more")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("whole", isWhole)
                writer.add("parts", parts)
                writer.add("more", more)
            }.members
        }
    }
}

/// What filters packets on this host, and so holds the anchor.
public enum FilterBackend: String, WordValue, Equatable {
    /// The kernel's nf_tables: chain `aifw-vpn` in table `inet aifw`.
    case nftables
    /// pf, by pfctl(8): anchor `aifw-vpn`.
    case pf
    /// None: rules are asked for and not loaded anywhere.
    case none
}
