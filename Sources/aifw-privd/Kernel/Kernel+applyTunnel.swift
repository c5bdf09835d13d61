internal import Glibc
internal import KernelMessages
internal import Wire

extension Kernel {
    mutating func applyTunnel(_ request: ApplyTunnel, privateKey: SecretKey?) throws(Refusal) -> ApplyTunnel.Answer {
        let change = DeviceChange(privateKey: privateKey, listenPort: request.listenPort, mark: request.mark)
        var publicKey: PublicKey?
        if let privateKey { publicKey = try Vault.publicKey(of: privateKey) }
        let standing = try standing(request.interface, of: request.tunnel)
        if case .foreign(let link) = standing { throw notOurs(link) }
        if case .running(let link) = standing {
            try update(link, request, change, publicKey)
            return ApplyTunnel.Answer(index: UInt64(link.index))
        }
        guard privateKey != nil, let port = request.listenPort, let mtu = request.mtu, let addresses = request.addresses
        else { throw notFound(request.interface) }
        try checkRoom(mtu, for: addresses)
        if case .remnant(let link) = standing { try wireguard.remove(link) }
        let link = try wireguard.make(request.interface, tunnel: request.tunnel, port: port)
        do {
            if link.mtu != UInt32(mtu.rawValue) { try links.set(link, mtu: UInt32(mtu.rawValue)) }
            // A new interface has no mark, and is not told so.
            let fresh = DeviceState()
            try wireguard.configure(link, change.differing(from: fresh, publicKey: publicKey), from: fresh)
            for address in addresses { try self.addresses.add(address, to: link) }
            try links.bringUp(link)
        } catch {
            try? wireguard.remove(link)
            throw Self.named(error)
        }
        return ApplyTunnel.Answer(index: UInt64(link.index))
    }

    /// Changes what differs of an interface that is there, or nothing.
    private func update(
        _ link: Link, _ request: ApplyTunnel, _ change: DeviceChange, _ publicKey: PublicKey?
    ) throws(Refusal) {
        let formerAddresses = try addresses.list(link)
        if request.mtu != nil || request.addresses != nil {
            let mtu = request.mtu ?? MTU(validated: UInt16(clamping: link.mtu))
            try checkRoom(mtu, for: request.addresses ?? formerAddresses.map(\.address))
        }
        let former = change.isEmpty ? DeviceState() : try wireguard.device(link)
        let difference = change.differing(from: former, publicKey: publicKey)
        if let port = difference.listenPort { try wireguard.check(port) }
        // Those of IPv6 go with an MTU that is too small for it.
        let losesRoutes = request.mtu.map { $0.rawValue < Self.smallestIPv6MTU } ?? false
        let formerRoutes = losesRoutes ? try routes.ours(over: link) : []
        do {
            try resize(
                link, from: link.mtu, to: request.mtu.map { UInt32($0.rawValue) } ?? link.mtu, formerAddresses,
                by: request.addresses)
            if !link.isUp { try links.bringUp(link) }
            // Last, because it puts itself back if it fails, and nothing is left that could fail after it.
            try wireguard.configure(link, difference, from: former)
        } catch {
            if let now = try? addresses.list(link), let mtu = try? links.find(link.name)?.mtu {
                try? resize(link, from: mtu, to: link.mtu, now, by: formerAddresses.map(\.address))
            }
            if let left = try? routes.ours(over: link) {
                try? routes.add(formerRoutes.filter { !left.contains($0) }, over: link)
            }
            throw Self.named(error)
        }
    }

    /// With the name of the member that is at fault, where the kernel's error number tells it: it binds the port when an
    /// interface comes up or is given another one.
    private static func named(_ error: Refusal) -> Refusal {
        guard error.field == nil, error.errno == EADDRINUSE else { return error }
        return Refusal(error.code, error.message, field: "listen_port", errno: error.errno)
    }

    /// Sets the MTU and the addresses in the order in which the kernel lets both pass: below 1280 it has no IPv6 address.
    private func resize(
        _ link: Link, from former: UInt32, to mtu: UInt32, _ present: [LinkAddress], by wanted: [InterfaceAddress]?
    ) throws(Refusal) {
        if mtu < former, let wanted { try replace(present, by: wanted, on: link) }
        if mtu != former { try links.set(link, mtu: mtu) }
        if former < Self.smallestIPv6MTU, mtu >= Self.smallestIPv6MTU {
            // IPv6 begins anew on the interface and has forgotten that it is to have no address of the kernel's own.
            try links.disableGeneratedAddresses(link)
            for address in try addresses.list(link) where address.isIPv6 { try addresses.remove(address, from: link) }
        }
        if mtu >= former, let wanted { try replace(present, by: wanted, on: link) }
    }

    /// Makes `wanted` the addresses of the interface: new ones first, because IPv4 takes an interface's routes away with
    /// its last address.
    private func replace(
        _ present: [LinkAddress], by wanted: [InterfaceAddress], on link: Link
    ) throws(Refusal) {
        let surplus = present.filter { !wanted.contains($0.address) }
        let missing = wanted.filter { address in !present.contains { $0.address == address } }
        guard !surplus.isEmpty || !missing.isEmpty else { return }
        let kept = surplus.isEmpty ? [] : try routes.ours(over: link)
        // IPv6 has an address once, whatever its length: there the former one goes first.
        for old in surplus where missing.contains(where: { $0.address == old.address.address && old.isIPv6 }) {
            try addresses.remove(old, from: link)
        }
        for address in missing { try addresses.add(address, to: link) }
        guard !surplus.isEmpty else { return }
        for old in surplus { try addresses.remove(old, from: link) }
        // Where the kernel does not promote them (net.ipv4.conf.*.promote_secondaries), further addresses of a network go
        // with its first one, and routes with them.
        let left = try addresses.list(link).map(\.address)
        for address in wanted where !left.contains(address) { try addresses.add(address, to: link) }
        let routesLeft = Set(try routes.ours(over: link))
        try routes.add(kept.filter { !routesLeft.contains($0) }, over: link)
    }

    /// IPv6 needs an MTU of 1280 (RFC 8200, section 5): below it, the kernel takes all IPv6 addresses off the interface.
    private static let smallestIPv6MTU = UInt32(1280)

    private func checkRoom(_ mtu: MTU, for addresses: [InterfaceAddress]) throws(Refusal) {
        let smallest = Self.smallestIPv6MTU
        guard mtu.rawValue < smallest, addresses.contains(where: { $0.address.family == .v6 }) else { return }
        throw Refusal(
            .policy, "must be at least \(smallest) on an interface with an IPv6 address, not \(mtu)", field: "mtu")
    }
}
