import Wire

/// What comes in several frames, put together.
extension HelperConnection {
    /// A tunnel with all its pages; nil if its interface is not there.
    func read(_ verb: ReadTunnel) throws(HelperError) -> ActualTunnel? {
        let began = ContinuousClock.now
        var link: TunnelState?
        var routes: [Prefix] = []
        var peers: [PeerState] = []
        try call(verb) { page in
            link = link ?? page.link
            routes.append(contentsOf: page.routes)
            peers.append(contentsOf: page.peers)
            return page.more
        }
        return link.map { link in
            let reading = CounterReading(
                interface: UInt32(truncatingIfNeeded: link.index), began: began, ended: .now)
            return ActualTunnel(state: link, routes: routes, peers: peers, reading: reading)
        }
    }

    func read(_ verb: ReadAssociations) throws(HelperError) -> ActualAssociations {
        var all = ActualAssociations()
        try call(verb) { page in
            all.add(page)
            return page.more
        }
        return all
    }

    /// What is in the anchor; where nothing filters, nothing is asked.
    func loadedRules() throws(HelperError) -> LoadedRules {
        guard let filter = greeting?.filter, filter != .none else { return .none }
        var isWhole = true
        var parts: Set<String> = []
        try call(ReadRules()) { page in
            isWhole = isWhole && page.isWhole
            parts.formUnion(page.parts)
            return page.more
        }
        return LoadedRules(filter: filter, isWhole: isWhole, parts: parts)
    }
}
