internal import Glibc
internal import KernelMessages
internal import Wire

/// The addresses of the host's interfaces, by rtnetlink.
struct Addresses {
    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// The addresses of `link`, or of all interfaces if none is given.
    func list(_ link: Link? = nil) throws(Refusal) -> [LinkAddress] {
        try netlink.list(AddressMessages.list(link), doing: "list the addresses") { reply in
            LinkAddress(reply).flatMap { link == nil || link?.index == $0.index ? $0 : nil }
        }
    }

    /// Adds an address that can be used at once; one that is there already is no error.
    func add(_ address: InterfaceAddress, to link: Link) throws(Refusal) {
        try netlink.perform(
            AddressMessages.add(address, to: link), unless: EEXIST, doing: "add the address \(address) to \(link.name)")
    }

    /// Removes an address; one that is gone is no error.
    func remove(_ address: LinkAddress, from link: Link) throws(Refusal) {
        try netlink.perform(
            AddressMessages.remove(address, from: link), unless: EADDRNOTAVAIL,
            doing: "remove the address \(address.address) from \(link.name)")
    }
}
