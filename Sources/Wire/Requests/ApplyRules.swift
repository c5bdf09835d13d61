/// Changes the pass rules of the anchor `aifw-vpn`, in one transaction of the packet filter: all of it, or nothing.
///
/// What is to be removed and is not there, or to be added and is there, is no error. The parts of a rule that another rule
/// has as well (two associations between the same gateways) go with whichever is removed: the caller adds the other one
/// again in the same request. Refused as `filter` if the filter does not take it; the rules are then as they were.
public struct ApplyRules: Verb {
    public static let kind = Request.Kind.applyRules
    /// The most rules of one request, removed and added each.
    public static let limit = 2048

    /// Whether everything in the anchor goes first, and its constant rules are made anew.
    public let reset: Bool
    public let remove: [PassRule]
    public let add: [PassRule]

    public init(reset: Bool = false, remove: [PassRule] = [], add: [PassRule] = []) {
        self.reset = reset
        self.remove = remove
        self.add = add
    }

    public var request: Request { .applyRules(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        reset = try reader.optional("reset") ?? false
        remove = try reader.messages("remove", limit: Self.limit) ?? []
        add = try reader.messages("add", limit: Self.limit) ?? []
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            if reset { writer.add("reset", true) }
            if !remove.isEmpty { writer.add("remove", messages: remove) }
            if !add.isEmpty { writer.add("add", messages: add) }
        }.members
    }

    public struct Answer: EmptyMessage {
        public init() {}
    }
}
