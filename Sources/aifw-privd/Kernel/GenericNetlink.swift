internal import CLinux
internal import Glibc
internal import Wire

/// Finds families of generic netlink, whose numbers the kernel gives out as modules are loaded (linux/genetlink.h).
enum GenericNetlink {
    /// The number of a family; nil if the kernel has none of that name.
    ///
    /// Asking has the kernel load the module that offers it, if there is one: whoever asks needs no right to do so.
    static func family(_ name: String, _ netlink: Netlink) throws(Refusal) -> UInt16? {
        let header = genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0)
        let message = NetlinkMessage(type: UInt16(GENL_ID_CTRL), familyHeader: header)
        message.put(CTRL_ATTR_FAMILY_NAME, text: name)
        var family: UInt16?
        do {
            try netlink.query(message, doing: "look for the kernel's \(name)") { reply in
                let attributes = reply.attributes(after: genlmsghdr.self)
                family = attributes.first { $0.type == CTRL_ATTR_FAMILY_ID }?.integer() ?? family
            }
        } catch let error where error.errno == ENOENT {
            return nil
        }
        return family
    }
}
