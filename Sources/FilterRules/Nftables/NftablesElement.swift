public import Wire

/// An element of a set: what of a rule nftables is told.
public struct NftablesElement: Hashable, Sendable {
    public let set: NftablesSet
    let words: [String]

    /// Its name for ``ReadRules``.
    public var part: String { self.set.part(of: words) }

    /// As nft(8) takes it. A name of an interface is quoted: `@` before a word means a set.
    var text: String {
        zip(self.set.fields, words).map { field, word in field == .interface ? "\"\(word)\"" : word }.joined(
            separator: " . ")
    }

    /// What a rule consists of.
    public static func elements(of rule: PassRule) -> [NftablesElement] {
        switch rule {
        case .listenPort(_, let port, let interface):
            if let interface {
                [NftablesElement(set: .portsOn, words: [interface.description, port.description])]
            } else {
                [NftablesElement(set: .ports, words: [port.description])]
            }
        case .tunnelTraffic(_, let interface):
            [NftablesElement(set: .interfaces, words: [interface.description])]
        case .protectedPackets(_, let packets, let local, let remote):
            [gateways(local, remote, packets.number)]
        case .keyExchange(_, let local, let remote): [gateways(local, remote, udp)]
        case .innerTraffic(_, let number, _, _):
            // The policies of the association say between which networks; a packet has its reqid only if one of them let
            // it through.
            [NftablesElement(set: .reqids, words: [String(number.reqid)])]
        case .masquerade(_, let network, let interface):
            [
                NftablesElement(
                    set: network.family == .v4 ? .masquerade4 : .masquerade6,
                    words: [interface.description, network.description])
            ]
        }
    }

    private static let udp: UInt8 = 17

    private static func gateways(_ local: IPAddress, _ remote: IPAddress, _ number: UInt8) -> NftablesElement {
        NftablesElement(
            set: local.family == .v4 ? .gateways4 : .gateways6,
            words: [remote.description, local.description, String(number)])
    }
}
