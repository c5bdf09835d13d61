internal import Glibc
internal import KernelMessages
internal import Wire

/// The routes over our interfaces in the main table, by rtnetlink.
///
/// Ours carry a protocol number of their own; a route with another number is never changed or replaced.
struct Routes {
    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// The default routes of the main table. None of the others is kept: a router may have a million.
    func defaults(_ family: IPAddress.Family) throws(Refusal) -> [Route] {
        try list(RouteMessages.list(family), family) { $0.destination.length == 0 ? $0 : nil }
    }

    /// The destinations of our own routes over `link`.
    func ours(over link: Link) throws(Refusal) -> [Prefix] { try destinations(over: link) { $0.isOurs } }

    /// How many routes of ours there are, over all interfaces. None is kept: there may be hundreds of thousands.
    func countOurs() throws(Refusal) -> Int {
        var count = 0
        for family in IPAddress.Family.allCases {
            count += try list(RouteMessages.list(family, onlyOurs: true), family) { $0.isOurs ? () : nil }.count
        }
        return count
    }

    private func list<Entry>(
        _ message: NetlinkMessage, _ family: IPAddress.Family, _ entry: (Route) -> Entry?
    ) throws(Refusal) -> [Entry] {
        do {
            return try netlink.list(message, doing: "list the \(family) routes") { reply in
                Route(reply).flatMap { $0.destination.family == family ? entry($0) : nil }
            }
        } catch let error where [ENOENT, EOPNOTSUPP, EAFNOSUPPORT].contains(error.errno) {
            return []  // no table until there is a first route, or a host without the family
        }
    }

    /// Adds routes over `link`. One that leads over it already is no error; one that leads elsewhere stays.
    ///
    /// - Parameter field: the member of the request that holds them, for the refusal to name the element.
    /// - Throws: the first refusal, after all others have been tried: each route stands for itself.
    func add(_ prefixes: [Prefix], over link: Link, field: String? = nil) throws(Refusal) {
        var present: Set<Prefix>?
        var first: Refusal?
        for (number, prefix) in prefixes.enumerated() {
            let doing = "add the route \(prefix) over \(link.name)"
            do {
                try netlink.perform(RouteMessages.add(prefix, over: link), doing: doing)
                present?.insert(prefix)
            } catch {
                if error.errno == EEXIST, present == nil { present = Set(try destinations(over: link) { _ in true }) }
                guard error.errno != EEXIST || present?.contains(prefix) != true, first == nil else { continue }
                let element = field.map { "\($0)[\(number)]" }
                first =
                    error.errno == EEXIST
                    ? Refusal(kernel: EEXIST, doing, detail: "another route to it leads elsewhere", field: element)
                    : Refusal(error.code, error.message, field: element, errno: error.errno)
            }
        }
        if let first { throw first }
    }

    /// Removes our routes over `link`; one that is gone is no error.
    func remove(_ prefixes: [Prefix], over link: Link) throws(Refusal) {
        for prefix in prefixes {
            try netlink.perform(
                RouteMessages.remove(prefix, over: link), unless: ESRCH,
                doing: "remove the route to \(prefix) over \(link.name)")
        }
    }

    private func destinations(over link: Link, of isMeant: (Route) -> Bool) throws(Refusal) -> [Prefix] {
        var prefixes: [Prefix] = []
        for family in IPAddress.Family.allCases {
            prefixes += try list(RouteMessages.list(family, over: link), family) {
                $0.index == link.index && isMeant($0) ? $0.destination : nil
            }
        }
        return prefixes
    }
}
