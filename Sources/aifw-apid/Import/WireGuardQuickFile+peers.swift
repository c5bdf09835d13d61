import Wire

extension WireGuardQuickFile {
    /// What is wrong with its peers as they are together: a key twice, or the tunnel's own; a network twice; an address that
    /// is no peer's to have.
    ///
    /// - Parameter key: the public key of the tunnel.
    func faults(with key: PublicKey) -> Notices {
        var faults = Notices(limit: Self.faultLimit)
        var keys: [PublicKey: Int] = [:]
        var prefixes: [Prefix: Int] = [:]
        for peer in peers {
            let place = peer.publicKey
            if place.value == key { faults.add(place.line, "PublicKey is that of the tunnel itself") }
            if let other = keys[place.value] {
                faults.add(place.line, "PublicKey is that of the peer in line \(other) too")
            } else {
                keys[place.value] = peer.line
            }
            for prefix in peer.allowedIPs.value.elements {
                let line = peer.allowedIPs.line
                if let words = objection(to: prefix) { faults.add(line, "AllowedIPs must be a peer's: \(words)") }
                if let other = prefixes[prefix] {
                    faults.add(line, "AllowedIPs has \(prefix), which is that of the peer in line \(other) too")
                } else {
                    prefixes[prefix] = peer.line
                }
            }
        }
        return faults
    }

    /// Why a single address can't be a peer's: the tunnel has it itself, or no host can.
    private func objection(to prefix: Prefix) -> String? {
        guard prefix.isHost, let own = address.value.elements.first(where: { $0.network.contains(prefix) }),
            !AddressPool(own.network, own: address.value.addresses).lends(prefix.address)
        else { return nil }
        return "\(prefix) is \(address.value.addresses.contains(prefix.address) ? "the tunnel's own" : "no host's")"
    }

    /// The places of the peers one of whose networks lies within, or around, that of an earlier peer: WireGuard takes the
    /// narrower one, so that this may well be meant.
    var nestedPeers: Set<Int> {
        let entries = peers.enumerated().flatMap { index, peer in
            peer.allowedIPs.value.elements.map { PrefixOverlaps.Entry(owner: index, prefix: $0) }
        }
        return Set(zip(entries, PrefixOverlaps.earlier(than: entries)).compactMap { $1 == nil ? nil : $0.owner })
    }

    /// What is worth knowing of how its peers will be here.
    var remarks: Notices {
        var remarks = Notices(limit: Self.warningLimit)
        if let dns {
            remarks.add(dns.line, "DNS is what the tunnel's clients are told; this host's own resolver stays as it is")
        }
        let (networks, nested) = (address.value.networks, nestedPeers)
        for (index, peer) in peers.enumerated() {
            let prefixes = peer.allowedIPs.value.elements
            let line = peer.allowedIPs.line
            for prefix in prefixes where prefix.length == 0 {
                remarks.add(
                    line,
                    "AllowedIPs has \(prefix), and no default route is ever installed: the peer may send from anywhere, but "
                        + "what this host sends elsewhere does not go through the tunnel by itself")
            }
            if !prefixes.contains(where: { prefix in networks.contains { $0.overlaps(prefix) } }) {
                remarks.add(
                    line, "AllowedIPs has nothing within \(address.value): the peer has no address of the tunnel's")
            }
            if nested.contains(index) {
                remarks.add(
                    line, "AllowedIPs overlaps that of a peer above; what belongs to both is the narrower one's")
            }
        }
        return remarks
    }
}
