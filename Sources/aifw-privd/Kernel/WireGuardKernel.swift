internal import Glibc
internal import KernelMessages
internal import Wire

/// WireGuard by the kernel's own module: links of kind `wireguard`, configured by generic netlink (linux/wireguard.h).
struct WireGuardKernel: WireGuard {
    private let links: Links
    private let generic: Netlink
    private let family: UInt16

    /// Nil if this kernel has no WireGuard.
    init?(links: Links, generic: Netlink) throws(Refusal) {
        let name = WireGuardMessages.familyName
        guard
            let family = try generic.find(
                GenericNetlink.find(name), absent: ENOENT, doing: "look for the kernel's \(name)", GenericNetlink.family
            )
        else { return nil }
        self.links = links
        self.generic = generic
        self.family = family
    }

    let backend = WireGuardBackend.kernel

    func runs(_ link: Link) throws(Refusal) -> Bool { link.kind == "wireguard" }

    /// Never: here a link gets its final name and its alias in one step.
    func isLeftover(_ link: Link) -> Bool { false }

    /// The kernel takes no alias for a link that is being made. So it is made under a name that only we use, and named and
    /// marked in one message; what a crash in between leaves is taken away by the next try for that name, and by
    /// nobody else: it has no alias, so it can't be told from what somebody made by hand.
    func make(_ interface: TunnelInterface, tunnel: ObjectID, port: Port) throws(Refusal) -> Link {
        let temporary = "aifw-\(interface)"
        if let left = try links.find(temporary) {
            guard left.kind == "wireguard" else {
                throw Refusal(.notOurs, "\(temporary) exists and was not made by AiFw VPN", field: "interface")
            }
            try links.delete(left)
        }
        try links.makeWireGuard(temporary)
        guard let link = try links.find(temporary) else {
            throw Refusal(kernel: ENODEV, "find \(temporary), which was just made")
        }
        do throws(Refusal) {
            try links.set(link, name: interface, alias: TunnelAlias.text(tunnel))
            guard let made = try links.find(interface.description), made.index == link.index else {
                throw Refusal(kernel: ENODEV, "find \(interface), which was just made")
            }
            return made
        } catch {
            try? links.delete(link)
            throw error
        }
    }

    /// The kernel binds the new port before it lets go of the former one, and says so if it can't.
    func check(_ port: Port) throws(Refusal) {}

    func set(_ change: DeviceChange, of link: Link) throws(Refusal) {
        try generic.perform(messages(link).set(change), doing: "configure \(link.name)")
    }

    func device(_ link: Link) throws(Refusal) -> DeviceState {
        let settings = try generic.list(messages(link).get(), doing: "read \(link.name)") { reply in
            var reading = WireGuardReading()
            reading.takeSettings(reply.payload)
            return reading.device
        }
        return settings.first ?? DeviceState()
    }

    func apply(_ change: PeersChange, to link: Link) throws(Refusal) {
        for message in messages(link).set(change) {
            try generic.perform(message, doing: "set the peers of \(link.name)")
        }
    }

    func read(
        _ link: Link, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        device: (DeviceState) throws(Refusal) -> Void, peer: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        // The whole answer as it came, because it may have to be read again; some 200 bytes a peer, wiped in the end.
        let parts = try generic.list(messages(link).get(), doing: "read \(link.name)") { reply in
            let part = Bytes(capacity: reply.payload.count)
            part.append(reply.payload)
            return part
        }
        var reading = WireGuardReading()
        for (number, part) in parts.enumerated() {
            try part.withUnsafeBytes { (payload) throws(Refusal) in
                if number == 0 {
                    reading.takeSettings(payload)
                    try device(reading.device)
                }
                try reading.take(payload, fingerprint: fingerprint, complete: peer)
            }
        }
        if let last = reading.finish() { try peer(last) }
    }

    /// Peers go first, all in one message: with its link, each of them costs a grace period of the kernel, some 12 ms.
    func remove(_ link: Link) throws(Refusal) {
        if link.kind == "wireguard" {
            try generic.perform(
                messages(link).removeAllPeers(), unless: ENODEV, doing: "remove the peers of \(link.name)")
        }
        try links.delete(link)
    }

    private func messages(_ link: Link) -> WireGuardMessages {
        WireGuardMessages(family: family, index: link.index)
    }
}
