internal import Glibc
internal import KernelMessages
internal import Wire

/// The host's network interfaces: read, made, changed and deleted by rtnetlink.
struct Links {
    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// The interface of that name; nil if there is none.
    func find(_ name: String) throws(Refusal) -> Link? {
        try netlink.find(LinkMessages.find(name), absent: ENODEV, doing: "look for \(name)") { Link($0) }
    }

    /// The interface of that index; nil if there is none.
    func find(index: Int32) throws(Refusal) -> Link? {
        try netlink.find(LinkMessages.find(index: index), absent: ENODEV, doing: "look for interface \(index)") {
            Link($0)
        }
    }

    /// Every interface of the host.
    func all() throws(Refusal) -> [Link] {
        try netlink.list(LinkMessages.list(), doing: "list the interfaces") { Link($0) }
    }

    /// Makes a WireGuard interface of the kernel.
    func makeWireGuard(_ name: String) throws(Refusal) {
        try netlink.perform(LinkMessages.makeWireGuard(name), doing: "make the interface \(name)")
    }

    /// Names a link and marks it as ours in one step.
    func set(_ link: Link, name: TunnelInterface, alias: String) throws(Refusal) {
        try netlink.perform(
            LinkMessages.change(link, name: name.description, alias: alias), doing: "name \(link.name) \(name)")
    }

    func set(_ link: Link, alias: String) throws(Refusal) {
        try netlink.perform(LinkMessages.change(link, alias: alias), doing: "mark \(link.name) as ours")
    }

    func set(_ link: Link, mtu: UInt32) throws(Refusal) {
        try netlink.perform(LinkMessages.change(link, mtu: mtu), doing: "set the MTU of \(link.name) to \(mtu)")
    }

    /// Has the kernel give the interface no link-local address by itself, as WireGuard's own driver does.
    ///
    /// A host without IPv6 has nothing to turn off.
    func disableGeneratedAddresses(_ link: Link) throws(Refusal) {
        try netlink.perform(
            LinkMessages.disableGeneratedAddresses(link), unless: EAFNOSUPPORT, EOPNOTSUPP,
            doing: "keep \(link.name) without a link-local address")
    }

    func bringUp(_ link: Link) throws(Refusal) {
        try netlink.perform(LinkMessages.bringUp(link), doing: "bring \(link.name) up")
    }

    /// Deletes the interface with its addresses and routes; one that is gone is no error.
    func delete(_ link: Link) throws(Refusal) {
        try netlink.perform(LinkMessages.delete(link), unless: ENODEV, doing: "delete \(link.name)")
    }
}
