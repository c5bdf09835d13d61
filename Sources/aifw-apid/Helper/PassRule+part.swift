import FilterRules
import Wire

extension PassRule {
    /// The rule that has this part with nftables and no other, so that the part goes with it; nil if there is none.
    ///
    /// What a part does not say, such as whose it is, is made up.
    init?(part: String) {
        let words = part.split(separator: " ").map(String.init).filter { $0 != "." }
        guard let set = words.first.flatMap(NftablesSet.init(rawValue:)),
            let rule = try? Self.named(set, Array(words.dropFirst())), rule.parts(with: .nftables) == [part]
        else { return nil }
        self = rule
    }

    private static func named(_ set: NftablesSet, _ words: [String]) throws(ValueError) -> PassRule? {
        let owner = ObjectID(bits: 0)
        switch (set, words.count) {
        case (.ports, 1):
            return .listenPort(owner: owner, port: try Port(UInt64(words[0]) ?? 0), on: nil)
        case (.portsOn, 2):
            let interface = try InterfaceName(words[0])
            return .listenPort(owner: owner, port: try Port(UInt64(words[1]) ?? 0), on: interface)
        case (.interfaces, 1):
            return .tunnelTraffic(owner: owner, on: try TunnelInterface(words[0]))
        case (.gateways4, 3), (.gateways6, 3):
            let (remote, local) = (try IPAddress(words[0]), try IPAddress(words[1]))
            guard let packets = IPsecProtocol.allCases.first(where: { String($0.number) == words[2] }) else {
                return .keyExchange(owner: owner, local: local, remote: remote)
            }
            return .protectedPackets(owner: owner, packets, local: local, remote: remote)
        case (.reqids, 1):
            let all = Prefix(masking: IPAddress(.v4, bits: 0), length: 0)
            return UInt32(words[0]).flatMap(AssociationNumber.init(reqid:)).map {
                .innerTraffic(owner: owner, number: $0, local: all, remote: all)
            }
        case (.masquerade4, 2), (.masquerade6, 2):
            return .masquerade(owner: owner, network: try Prefix(words[1]), on: try TunnelInterface(words[0]))
        default: return nil
        }
    }
}
