internal import CLinux

/// Families of generic netlink, whose numbers the kernel gives out as modules are loaded (linux/genetlink.h).
package enum GenericNetlink {
    /// Asks for the number of a family; ENOENT is the answer if the kernel has none of that name.
    ///
    /// Asking has the kernel load the module that offers it, if there is one: whoever asks needs no right to do so.
    package static func find(_ name: String) -> NetlinkMessage {
        let header = genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0)
        let message = NetlinkMessage(type: UInt16(GENL_ID_CTRL), familyHeader: header)
        message.put(CTRL_ATTR_FAMILY_NAME, text: name)
        return message
    }

    /// The number in the answer; nil if it has none.
    package static func family(_ reply: NetlinkReply) -> UInt16? {
        reply.attributes(after: genlmsghdr.self).first { $0.type == CTRL_ATTR_FAMILY_ID }?.integer()
    }
}
