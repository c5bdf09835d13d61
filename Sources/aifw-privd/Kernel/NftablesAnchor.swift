internal import FilterRules
internal import Glibc
internal import KernelMessages
internal import Wire

/// The anchor as it is in the kernel's nf_tables, read by netlink: element by element, so that a long list costs no more
/// memory than its names.
struct NftablesAnchor {
    private static let table = NftablesText.tableName

    private let netlink: Netlink

    /// - Parameter netlink: of NETLINK_NETFILTER.
    init(_ netlink: Netlink) { self.netlink = netlink }

    /// Whether this kernel has nf_tables. Asking has it load the module.
    func isSupported() throws(Refusal) -> Bool {
        do {
            try netlink.perform(NftablesMessages.generation(), doing: "ask for the kernel's nf_tables")
            return true
        } catch let error where [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(error.errno) {
            return false
        } catch let error where error.errno == EPERM {
            // It would answer who has CAP_NET_ADMIN, which the confinement insists on with words of its own.
            return true
        }
    }

    /// Whether there is a table of our name, whoever made it.
    func hasTable() throws(Refusal) -> Bool {
        let found: Void? = try netlink.find(
            NftablesMessages.table(Self.table), absent: ENOENT, doing: "look for the table"
        ) { _ in }
        return found != nil
    }

    /// Whether the chains are there with exactly our rules, and every set; the one that translates exactly while there is
    /// something to translate.
    func isWhole() throws(Refusal) -> Bool {
        guard try hasTable() else { return false }
        for chain in NftablesRule.Chain.allCases {
            if chain == .translation, try !translates() {
                guard try !has(chain) else { return false }
                continue
            }
            guard try has(chain), try comments(of: chain) == NftablesRule.comments(of: chain) else { return false }
        }
        return try sets().count == NftablesSet.allCases.count
    }

    /// Whether the chain that translates is there for nothing.
    func hasIdleTranslation() throws(Refusal) -> Bool {
        guard try has(.translation) else { return false }
        return try !translates()
    }

    private func has(_ chain: NftablesRule.Chain) throws(Refusal) -> Bool {
        let found: Void? = try netlink.find(
            NftablesMessages.chain(chain.rawValue, of: Self.table), absent: ENOENT, doing: "look for \(chain.rawValue)"
        ) { _ in }
        return found != nil
    }

    private func translates() throws(Refusal) -> Bool {
        for set in NftablesSet.allCases where set.isTranslated {
            if try !parts(of: set).isEmpty { return true }
        }
        return false
    }

    /// The parts of all elements that are there.
    func parts(_ body: (String) throws(Refusal) -> Void) throws(Refusal) {
        for set in try sets() {
            for part in try parts(of: set) { try body(part) }
        }
    }

    /// Those of our sets that are there with keys of the length that is ours.
    private func sets() throws(Refusal) -> [NftablesSet] {
        try list(NftablesMessages.sets(of: Self.table), "list the sets of the packet filter") { reply in
            NftablesReading.set(reply).flatMap { info in
                NftablesSet(rawValue: info.name).flatMap { $0.keyLength == info.keyLength ? $0 : nil }
            }
        }
    }

    private func comments(of chain: NftablesRule.Chain) throws(Refusal) -> [String] {
        // A rule without a comment is none of ours, and one too many.
        try list(NftablesMessages.rules(of: chain.rawValue, Self.table), "list the rules of \(chain.rawValue)") {
            NftablesReading.comment($0) ?? ""
        }
    }

    private func parts(of set: NftablesSet) throws(Refusal) -> [String] {
        try list(NftablesMessages.elements(of: set.rawValue, Self.table), "list the elements of \(set.rawValue)") {
            NftablesReading.keys($0).compactMap { set.part(ofKey: $0.first, to: $0.last) }
        }.flatMap { $0 }
    }

    /// A list of nothing is what the kernel has of what is not there, or was deleted since it was looked for.
    private func list<Entry>(
        _ message: NetlinkMessage, _ doing: String, _ entry: (NetlinkReply) -> Entry?
    ) throws(Refusal) -> [Entry] {
        do {
            return try netlink.list(message, doing: doing, entry)
        } catch let error where error.errno == ENOENT {
            return []
        }
    }
}
