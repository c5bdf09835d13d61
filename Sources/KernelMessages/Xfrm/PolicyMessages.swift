internal import CLinux
internal import Glibc
package import Wire

/// The messages about security policies (linux/xfrm.h); ``ListedPolicy`` reads their answers.
package enum PolicyMessages {
    /// The first of our own priorities, less one: a range that is neither that of IKE daemons (below 0x80000) nor 0.
    private static let base: UInt32 = 0x00AF_0000

    /// The priority of a policy: the longer its prefixes, the earlier it is asked; the lowest number is asked first.
    static func priority(_ key: SecurityPolicyKey) -> UInt32 {
        base + 512 - UInt32(key.source.length + key.destination.length)
    }

    /// Installs one; EEXIST if there is one of that direction and selector.
    package static func add(_ policy: SecurityPolicy) -> NetlinkMessage { message(XFRM_MSG_NEWPOLICY, policy) }

    /// Puts one in the place of that of its direction and selector, whosever that is, so that no packet finds none.
    package static func replace(by policy: SecurityPolicy) -> NetlinkMessage { message(XFRM_MSG_UPDPOLICY, policy) }

    private static func message(_ type: Int, _ policy: SecurityPolicy) -> NetlinkMessage {
        let message = NetlinkMessage(type: UInt16(type), flags: NLM_F_CREATE | NLM_F_EXCL) {
            (info: inout xfrm_userpolicy_info) in
            info.sel.set(source: policy.key.source, destination: policy.key.destination)
            info.lft.setUnlimited()
            info.priority = priority(policy.key)
            info.dir = policy.key.direction.number
        }
        let templates = PolicyTemplate.all(of: policy)
        message.put(Int(XFRMA_TMPL.rawValue), length: templates.count * MemoryLayout<xfrm_user_tmpl>.stride) { place in
            let listed = place.bindMemory(to: xfrm_user_tmpl.self)
            for (index, template) in templates.enumerated() { template.write(to: &listed[index]) }
        }
        return message
    }

    /// Removes the one of that index; ENOENT if there is none.
    package static func remove(_ policy: ListedPolicy) -> NetlinkMessage {
        NetlinkMessage(type: UInt16(XFRM_MSG_DELPOLICY)) { (id: inout xfrm_userpolicy_id) in
            id.index = policy.index
            id.dir = policy.state.key.direction.number
        }
    }

    /// Asks for the one of that direction and selector, whosever it is; ENOENT is the answer if there is none.
    package static func find(_ key: SecurityPolicyKey) -> NetlinkMessage {
        NetlinkMessage(type: UInt16(XFRM_MSG_GETPOLICY)) { (id: inout xfrm_userpolicy_id) in
            id.sel.set(source: key.source, destination: key.destination)
            id.dir = key.direction.number
        }
    }

    /// Asks for all.
    package static func list() -> NetlinkMessage { NetlinkMessage(type: UInt16(XFRM_MSG_GETPOLICY)) }
}
