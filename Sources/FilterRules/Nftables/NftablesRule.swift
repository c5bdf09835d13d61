/// A constant rule: what it is over changes, it does not.
public struct NftablesRule: Sendable {
    /// The two chains to be jumped to: what comes in is matched from the base chains `input` and `forward`, what goes out
    /// from `forward` and `output`. The kernel knows how a packet came only in the former, how it will go only in the
    /// latter. And a base chain of its own, for addresses are translated in none that a filter could jump to.
    public enum Chain: String, CaseIterable, Sendable {
        case incoming = "aifw-vpn"
        case outgoing = "aifw-vpn-out"
        /// Only while something is masqueraded: a rule in it has the kernel keep track of all connections.
        case translation = "aifw-vpn-nat"
    }

    public let chain: Chain
    let name: String
    let text: String

    init(_ chain: Chain, _ name: String, _ text: String) {
        self.chain = chain
        self.name = name
        self.text = text
    }

    /// What it is recognised by when it is read back: a word for whoever reads the ruleset, and a digest of the rule, so
    /// that a helper which has other rules makes them anew. 128 bytes at most (nft(8)).
    public var comment: String { "\(name) \(Digest.text(of: text))" }

    var command: String {
        let verdict = chain == .translation ? "masquerade" : "accept"
        return "add rule \(NftablesText.table) \(chain.rawValue) \(text) \(verdict) comment \"\(comment)\""
    }

    /// All of them, in their order. Protocols have numbers in elements, so that nothing looks a name up.
    ///
    /// Listening ports are the host's own: a packet that is forwarded to another one's port is none of ours. Elements of
    /// gateways are remote . local . protocol, so that what goes out is matched the other way round.
    public static let all: [NftablesRule] =
        [
            NftablesRule(.incoming, "listen-ports", "fib daddr type local udp dport @wg_ports"),
            NftablesRule(.incoming, "listen-ports-on", "fib daddr type local iifname . udp dport @wg_ports_on"),
            NftablesRule(.incoming, "tunnels", "iifname @wg_interfaces"),
            NftablesRule(.outgoing, "tunnels", "oifname @wg_interfaces"),
        ]
        + [("ip", "gateways4"), ("ip6", "gateways6")].flatMap { family, set in
            let incoming = "\(family) saddr . \(family) daddr . meta l4proto @\(set)"
            let outgoing = "\(family) daddr . \(family) saddr . meta l4proto @\(set)"
            return [
                NftablesRule(.incoming, "\(set)-packets", "meta l4proto { 50, 51 } \(incoming)"),
                NftablesRule(.incoming, "\(set)-ike", "udp dport { 500, 4500 } \(incoming)"),
                NftablesRule(.outgoing, "\(set)-packets", "meta l4proto { 50, 51 } \(outgoing)"),
                NftablesRule(.outgoing, "\(set)-ike", "udp dport { 500, 4500 } \(outgoing)"),
            ]
        }
        + [
            NftablesRule(.incoming, "associations", "ipsec in reqid @reqids"),
            NftablesRule(.outgoing, "associations", "ipsec out reqid @reqids"),
        ]
        // What a policy of IPsec is to protect would match none with another source, and go out in the clear. Between
        // tunnels the allowed IPs of their peers say whose an address is.
        + [("ip", "masquerade4"), ("ip6", "masquerade6")].map { family, set in
            NftablesRule(
                .translation, set, "iifname . \(family) saddr @\(set) oifname != @wg_interfaces rt ipsec missing")
        }

    /// The comments of a chain's rules, in their order.
    public static func comments(of chain: Chain) -> [String] { all.filter { $0.chain == chain }.map(\.comment) }
}
