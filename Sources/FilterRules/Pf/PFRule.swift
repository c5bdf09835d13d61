internal import Wire

/// One line of pf.conf(5) with its label, by which it is known again when it is read back. A rule that translates can't
/// have one with FreeBSD's pf: there a tag is in its place, of the same form.
struct PFRule: Hashable {
    /// `KIND:OWNER:CONTENT`, at most 63 bytes (PF_RULE_LABEL_SIZE of net/pfvar.h, less its NUL) of the alphabet
    /// `[A-Za-z0-9._:-]`: nothing in it ends the quotes or is expanded by pfctl(8).
    let label: String
    /// As pf takes it, without its end of line.
    let line: String

    private init(_ kind: String, _ owner: ObjectID, _ content: String, _ text: String) {
        label = "\(kind):\(owner):\(content)"
        line = "\(text) label \"\(label)\""
    }

    /// What comes from a network and leaves by an interface of the group `egress`, which no tunnel is in, gets the first
    /// address of it (`:0`), which changes with the interface's.
    private init(masquerading network: Prefix, _ owner: ObjectID) {
        let text = "nat on egress \(Self.family(network.address)) from \(network) to any"
        label = "mq:\(owner):\(Digest.text(of: text))"
        line = "\(text) tag \(label) -> (egress:0)"
    }

    /// A line of one direction, whose content is too long for a label: its digest stands there.
    private init(_ kind: String, _ owner: ObjectID, _ direction: TrafficDirection, _ rest: String) {
        let text = "pass \(direction.rawValue) quick \(rest)"
        self.init(kind, owner, "\(direction.rawValue).\(Digest.text(of: text))", text)
    }

    /// A rule's lines. The order of the words is pf's own grammar; `flags any`, because without it TCP passes by its first
    /// packet only; an address family on each line, because pf drops pairs that do not match without a word.
    static func rules(of rule: PassRule) -> [PFRule] {
        let owner = rule.owner
        switch rule {
        case .listenPort(_, let port, let interface):
            return [listenPort(owner, port, interface)]
        case .tunnelTraffic(_, let interface):
            return [
                PFRule(
                    "tt", owner, interface.description, "pass quick on \(interface) flags any keep state")
            ]
        case .protectedPackets(_, let packets, let local, let remote):
            return pair("pp", owner, "\(family(local)) proto \(packets.rawValue)", local, remote, "keep state")
        case .keyExchange(_, let local, let remote):
            return pair(
                "ke", owner, "\(family(local)) proto udp", local, remote, "port { 500 4500 } keep state")
        case .innerTraffic(_, _, let local, let remote):
            return pair(
                "it", owner, "on enc0 \(family(local.address))", local, remote, "flags any keep state")
        case .masquerade(_, let network, _): return [PFRule(masquerading: network, owner)]
        }
    }

    /// To the host's own addresses, which `(self)` stands for even if they change: a packet that is forwarded to another
    /// one's port is none of ours.
    private static func listenPort(_ owner: ObjectID, _ port: Port, _ interface: InterfaceName?) -> PFRule {
        let place = interface.map { "on \($0) " } ?? ""
        let text = "pass in quick \(place)proto udp from any to (self) port \(port) keep state"
        guard let interface else { return PFRule("lp", owner, port.description, text) }
        // The one sign that a name of an interface may have and a label may not.
        let name = interface.description.contains("@") ? Digest.text(of: text) : interface.description
        return PFRule("lp", owner, "\(port).\(name)", text)
    }

    /// Inbound traffic comes from the remote end to the local one; outbound traffic goes the other way.
    private static func pair<End: CustomStringConvertible>(
        _ kind: String, _ owner: ObjectID, _ what: String, _ local: End, _ remote: End, _ options: String
    ) -> [PFRule] {
        [
            PFRule(kind, owner, .in, "\(what) from \(remote) to \(local) \(options)"),
            PFRule(kind, owner, .out, "\(what) from \(local) to \(remote) \(options)"),
        ]
    }

    private static func family(_ address: IPAddress) -> String { address.family == .v4 ? "inet" : "inet6" }
}
