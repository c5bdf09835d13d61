internal import CLinux
internal import Glibc
package import Wire

/// A policy of ours as XFRM lists it.
package struct ListedPolicy {
    package let state: SecurityPolicyState
    /// The kernel's number for it, by which it is removed.
    let index: UInt32

    /// Reads an `XFRM_MSG_NEWPOLICY`; nil if it is none, or somebody else's, or one that is not found by direction and
    /// networks alone, as ours are.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == XFRM_MSG_NEWPOLICY, let info = reply.familyHeader(as: xfrm_userpolicy_info.self),
            let direction = SecurityPolicyKey.Direction(number: info.dir), let networks = info.sel.networks
        else { return nil }
        var templates: [PolicyTemplate] = []
        for attribute in reply.attributes(after: xfrm_userpolicy_info.self) {
            switch UInt32(attribute.type) {
            case XFRMA_TMPL.rawValue:
                guard let listed = Self.templates(attribute.payload) else { return nil }
                templates = listed
            case XFRMA_MARK.rawValue, XFRMA_IF_ID.rawValue, XFRMA_SEC_CTX.rawValue: return nil
            case XFRMA_POLICY_TYPE.rawValue:
                guard attribute.integer(as: UInt8.self) == UInt8(XFRM_POLICY_TYPE_MAIN) else { return nil }
            default: break
            }
        }
        guard let first = templates.first, templates.allSatisfy({ $0.number == first.number }) else { return nil }
        let key = SecurityPolicyKey(
            number: first.number, direction: direction, source: networks.source, destination: networks.destination)
        let made = SecurityPolicy(
            key: key, from: first.from, to: first.to, mode: first.mode, protocols: templates.map(\.securityProtocol))
        let isAsMade =
            PolicyTemplate.all(of: made) == templates && SecurityPolicy.bundles.contains(made.protocols)
            && info.lft.isUnlimited && info.priority == PolicyMessages.priority(key)
            && Int32(info.action) == XFRM_POLICY_ALLOW && info.flags == 0 && info.share == 0
        state = SecurityPolicyState(key: key, asMade: isAsMade ? made : nil)
        index = info.index
    }

    /// Nil if one of them is none that we could make.
    private static func templates(_ payload: UnsafeRawBufferPointer) -> [PolicyTemplate]? {
        let size = MemoryLayout<xfrm_user_tmpl>.stride
        guard payload.count % size == 0 else { return nil }
        var templates: [PolicyTemplate] = []
        for offset in stride(from: 0, to: payload.count, by: size) {
            let listed = payload.loadUnaligned(fromByteOffset: offset, as: xfrm_user_tmpl.self)
            guard let template = PolicyTemplate(listed) else { return nil }
            templates.append(template)
        }
        return templates
    }
}

extension SecurityPolicyKey.Direction {
    /// `XFRM_POLICY_…`.
    var number: UInt8 {
        switch self {
        case .in: UInt8(XFRM_POLICY_IN)
        case .out: UInt8(XFRM_POLICY_OUT)
        case .forward: UInt8(XFRM_POLICY_FWD)
        }
    }

    /// Nil if it is another one, as policies of single sockets have.
    init?(number: UInt8) {
        guard let direction = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = direction
    }
}
