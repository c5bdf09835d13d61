internal import CLinux
internal import Wire

/// What a policy puts on a packet: one `xfrm_user_tmpl` of its list (linux/xfrm.h).
struct PolicyTemplate: Equatable {
    let number: AssociationNumber
    let from: IPAddress
    let to: IPAddress
    let securityProtocol: IPsecProtocol
    let mode: IPsecMode
    /// Whether it has all algorithms allowed, no SPI, and can't be left out, as those that we make.
    let isPlain: Bool

    /// Nil if it is none that we could make.
    init?(_ listed: xfrm_user_tmpl) {
        guard let number = AssociationNumber(reqid: listed.reqid), let family = IPAddress.Family(listed.family),
            let securityProtocol = IPsecProtocol(number: listed.id.proto), let mode = IPsecMode(number: listed.mode)
        else { return nil }
        self.number = number
        from = listed.saddr.address(family)
        to = listed.id.daddr.address(family)
        self.securityProtocol = securityProtocol
        self.mode = mode
        isPlain =
            listed.id.spi == 0 && listed.share == 0 && listed.optional == 0
            && listed.aalgos & listed.ealgos & listed.calgos == .max
    }

    private init(_ policy: SecurityPolicy, _ securityProtocol: IPsecProtocol, _ mode: IPsecMode) {
        number = policy.key.number
        from = policy.from
        to = policy.to
        self.securityProtocol = securityProtocol
        self.mode = mode
        isPlain = true
    }

    /// Those of a policy in their order: what is put on top of another is in transport mode.
    static func all(of policy: SecurityPolicy) -> [PolicyTemplate] {
        policy.protocols.enumerated().map { index, securityProtocol in
            PolicyTemplate(policy, securityProtocol, index == 0 ? policy.mode : .transport)
        }
    }

    /// Writes it. The security association is found by the reqid, and by the addresses in tunnel mode.
    func write(to listed: inout xfrm_user_tmpl) {
        listed.id.daddr.set(to)
        listed.id.proto = securityProtocol.number
        listed.family = UInt16(from.family.number)
        listed.saddr.set(from)
        listed.reqid = number.reqid
        listed.mode = mode.number
        (listed.aalgos, listed.ealgos, listed.calgos) = (.max, .max, .max)
    }
}
