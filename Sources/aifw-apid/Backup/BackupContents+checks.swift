import Wire

/// What no two objects may have in common, and what an object must have: this program never stored it otherwise, but whoever
/// has the passphrase can write what he likes.
extension BackupContents {
    /// The highest number of an association: the numbers below it that are free are kept one by one.
    private static let numberLimit = 1_000_000

    /// The first fault there is, in words; nil if there is none.
    var fault: String? { tunnelFault ?? peerFault ?? associationFault ?? accountFault ?? webhookFault }

    private var tunnelFault: String? {
        let records = tunnels.map(\.record)
        for tunnel in records where tunnel.mtu.rawValue < tunnel.address.minimumMTU {
            return "tunnel \"\(tunnel.name)\" has an IPv6 address and an MTU below 1280"
        }
        return Self.repeated(records, "tunnel", \.name, "id", \.id)
            ?? Self.repeated(records, "tunnel", \.name, "name", \.name.key)
            ?? Self.repeated(records, "tunnel", \.name, "interface", \.interface)
            ?? Self.repeated(records, "tunnel", \.name, "port", \.listenPort)
            ?? Self.repeated(records, "tunnel", \.name, "public key", \.publicKey)
            ?? Self.overlap(records.filter { !$0.allowOverlap }, "tunnel", \.name, \.address.networks)
    }

    private var peerFault: String? {
        let records = peers.map(\.record)
        let tunnels = Dictionary(
            self.tunnels.map { ($0.record.id, $0.record) }, uniquingKeysWith: { first, _ in first })
        for peer in records {
            guard let tunnel = tunnels[peer.tunnel] else { return "peer \"\(peer.name)\" is of no tunnel in it" }
            guard peer.publicKey != tunnel.publicKey else { return "peer \"\(peer.name)\" has its tunnel's own key" }
        }
        if let fault = Self.repeated(records, "peer", \.name, "id", \.id) { return fault }
        for peers in Dictionary(grouping: records, by: \.tunnel).values {
            let fault =
                Self.repeated(peers, "peer", \.name, "name", \.name.key)
                ?? Self.repeated(peers, "peer", \.name, "public key", \.publicKey)
                ?? Self.overlap(peers.filter { !$0.allowOverlap }, "peer", \.name, \.allowedIPs.elements)
            if let fault { return fault }
        }
        return nil
    }

    private var associationFault: String? {
        let records = associations.map(\.record)
        for entry in associations {
            if let fault = entry.fault { return "association \"\(entry.record.name)\" \(fault)" }
            guard entry.record.number.rawValue <= Self.numberLimit else {
                return "association \"\(entry.record.name)\" has a number above \(Self.numberLimit)"
            }
        }
        let kind = "association"
        let selectors = records.flatMap { record in record.selectors.map { (record.name, $0.local, $0.remote) } }
        var seen: Set<[Prefix]> = []
        for (name, local, remote) in selectors where !seen.insert([local, remote]).inserted {
            return "association \"\(name)\" protects traffic that another one does: \(local) to \(remote)"
        }
        return Self.repeated(records, kind, \.name, "id", \.id)
            ?? Self.repeated(records, kind, \.name, "number", \.number)
            ?? Self.repeated(records, kind, \.name, "name", \.name.key)
            ?? Self.repeated(records, kind, \.name, "spi_in", \.spiIn)
            ?? Self.repeated(records, kind, \.name, "spi_out") { "\($0.remote) \($0.spiOut)" }
    }

    private var accountFault: String? {
        let (tokens, users) = (tokens.map(\.record), users.map(\.record))
        return Self.repeated(tokens, "token", \.name, "id", \.id)
            ?? Self.repeated(tokens, "token", \.name, "hash", \.hash)
            ?? Self.repeated(users, "user", \.name.objectName, "id", \.id)
            ?? Self.repeated(users, "user", \.name.objectName, "name", \.name.key)
    }

    private var webhookFault: String? {
        let records = webhooks.map(\.record)
        let limit = Webhooks.limit
        guard records.count <= limit else { return "it has more webhooks than the \(limit) that there may be" }
        return Self.repeated(records, "webhook", \.name, "id", \.id)
            ?? Self.repeated(records, "webhook", \.name, "name", \.name.key)
    }

    /// The first object that has something which one before it has.
    private static func repeated<Record, Value: Hashable>(
        _ records: [Record], _ kind: String, _ name: (Record) -> ObjectName, _ what: String, _ value: (Record) -> Value
    ) -> String? {
        var seen: Set<Value> = []
        for record in records where !seen.insert(value(record)).inserted {
            return "\(kind) \"\(name(record))\" has the \(what) of another"
        }
        return nil
    }

    /// The first object whose networks overlap those of another, where neither may.
    private static func overlap<Record>(
        _ records: [Record], _ kind: String, _ name: (Record) -> ObjectName, _ networks: (Record) -> [Prefix]
    ) -> String? {
        let entries = records.enumerated().flatMap { owner, record in
            networks(record).map { PrefixOverlaps.Entry(owner: owner, prefix: $0) }
        }
        for (entry, other) in zip(entries, PrefixOverlaps.earlier(than: entries)) {
            guard let other else { continue }
            let (first, second) = (name(records[other.owner]), name(records[entry.owner]))
            return "\(kind) \"\(second)\" has \(entry.prefix), which overlaps \(other.prefix) of \"\(first)\""
        }
        return nil
    }
}

extension AssociationEntry {
    /// What keeps it from being one, in words that follow its name.
    fileprivate var fault: String? {
        guard record.local.family == record.remote.family, record.local != record.remote else {
            return "must have two different ends of one family"
        }
        for address in [record.local, record.remote] {
            if let objection = NetworkPolicy.objection(toGateway: address) { return "has an end that \(objection)" }
        }
        guard record.mode == .tunnel || (record.localNetworks == nil && record.remoteNetworks == nil) else {
            return "has networks, which there are none of in transport mode"
        }
        guard !record.selectors.isEmpty else { return "has no two networks of one family" }
        for slot in AssociationKeySlot.allCases where keys[slot]?.count != record.keyLength(of: slot) {
            return "must have \(record.keyLength(of: slot).map { "\($0) bytes" } ?? "nothing") as \(slot.member)"
        }
        return nil
    }
}
