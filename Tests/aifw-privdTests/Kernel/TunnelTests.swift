import CLinux
import Foundation
import KernelMessages
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// The verbs on real interfaces, by each way there is on this host to do WireGuard.
    @Suite(.serialized)
    struct TunnelTests {
        @Test(arguments: TunnelHost.backends)
        func `a tunnel is made as asked, read back, and gone with its process when removed`(backend: WireGuardBackend)
            throws
        {
            var host = try TunnelHost(backend)
            let answer = try host.kernel.applyTunnel(try host.request(mark: 7), privateKey: try host.secret(1))
            let state = try #require(try host.read().link)
            #expect(state.index == answer.index)
            #expect(state.isUp)
            #expect(state.mtu == 1400)
            #expect(Set(state.addresses.map(\.description)) == ["10.90.0.1/24", "fd00:90::1/64"])
            #expect(try state.publicKey == Vault.publicKey(of: host.secret(1)))
            #expect(state.listenPort?.rawValue == 51900)
            #expect(state.mark.rawValue == 7)
            #expect(try host.read().routes.isEmpty)
            let inventory = try host.kernel.inventory(Inventory(), .standard)
            #expect(inventory.tunnels == [Inventory.Owned(tunnel: host.tunnel, interface: host.interface, isUp: true)])
            #expect(inventory.foreign.isEmpty)
            #expect(!inventory.addresses.contains(try InterfaceAddress("10.90.0.1/24")))
            let one = try host.kernel.inventory(Inventory(.interface(host.interface)), .standard)
            #expect(one.tunnels == inventory.tunnels && one.foreign.isEmpty && one.addresses.isEmpty)
            let another = try host.kernel.inventory(Inventory(.interface(try TunnelInterface("wg9999"))), .standard)
            #expect(another.tunnels.isEmpty && another.foreign.isEmpty)

            try host.remove()
            #expect(!host.launcher.isRunning(host.interface))
            #expect(!FileManager.default.fileExists(atPath: "/run/wireguard/\(host.interface).sock"))
            try FreePort.check(try Port(51900))
            #expect(try host.kernel.inventory(Inventory(), .standard).tunnels.isEmpty)
            #expect(try host.read().link == nil)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `asking for the same again changes nothing`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            let first = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let before = try host.read().link
            let second = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(first.index == second.index)
            #expect(try host.read().link == before)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `every setting changes without the interface being made anew, and routes stay`(backend: WireGuardBackend)
            throws
        {
            var host = try TunnelHost(backend)
            let first = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            _ = try host.kernel.applyPeers(
                ApplyPeers(
                    tunnel: host.tunnel, interface: host.interface,
                    addRoutes: [try Prefix("192.168.77.0/24"), try Prefix("fd00:77::/64")]), presharedKeys: [:])
            let second = try host.kernel.applyTunnel(
                try host.request(
                    port: 51901, mark: 9, mtu: 1300, addresses: ["10.90.0.2/24", "fd00:90::1/80", "10.91.0.1/16"]),
                privateKey: try host.secret(2))
            #expect(first.index == second.index)
            let state = try #require(try host.read().link)
            #expect(state.mtu == 1300)
            #expect(Set(state.addresses.map(\.description)) == ["10.90.0.2/24", "fd00:90::1/80", "10.91.0.1/16"])
            #expect(try state.publicKey == Vault.publicKey(of: host.secret(2)))
            #expect(state.listenPort?.rawValue == 51901)
            #expect(state.mark.rawValue == 9)
            #expect(Set(try host.read().routes.map(\.description)) == ["192.168.77.0/24", "fd00:77::/64"])
            // What is left out stays.
            _ = try host.kernel.applyTunnel(
                ApplyTunnel(tunnel: host.tunnel, interface: host.interface), privateKey: nil)
            #expect(try host.read().link == state)
            _ = try host.kernel.applyTunnel(
                ApplyTunnel(tunnel: host.tunnel, interface: host.interface, mark: try FirewallMark(0), addresses: []),
                privateKey: nil
            )
            let bare = try #require(try host.read().link)
            #expect(bare.mark.rawValue == 0)
            #expect(bare.addresses.isEmpty)
            #expect(bare.listenPort == state.listenPort)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `a port that is taken is refused, and all is left as it was`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            let holder = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(holder) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(51950).bigEndian
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(holder, $0, 16) }
            }
            try #require(bound == 0)
            let taken = try host.request(port: 51950, mtu: 1300, addresses: [])
            let key = try host.secret(1)
            let made = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(taken, privateKey: key) }
            #expect(made?.errno == EADDRINUSE)
            #expect(made?.field == "listen_port")
            #expect(try host.read().link == nil)

            _ = try host.kernel.applyTunnel(try host.request(), privateKey: key)
            let before = try host.read().link
            let changed = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(taken, privateKey: key) }
            #expect(changed?.errno == EADDRINUSE)
            #expect(try host.read().link == before)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `a change that fails half-way is taken back`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let before = try host.read().link
            // The kernel gives no interface a multicast address.
            let faulty = try host.request(mtu: 1333, addresses: ["10.99.0.1/24", "ff02::1/64"])
            let refused = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(faulty, privateKey: nil) }
            #expect(refused?.code == .kernel)
            #expect(try host.read().link == before)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `IPv6 goes with an MTU that is too small for it and comes back with one that is not, in one request each`(
            backend: WireGuardBackend
        ) throws {
            var host = try TunnelHost(backend)
            let made = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let (both, one) = (["10.90.0.1/24", "fd00:90::1/64"], ["10.90.0.1/24"])
            for (mtu, addresses) in [(576, one), (1420, both), (600, one), (1280, one), (1279, one), (1400, both)] {
                let applied = try host.kernel.applyTunnel(
                    ApplyTunnel(
                        tunnel: host.tunnel, interface: host.interface, mtu: try MTU(mtu),
                        addresses: try addresses.map { try InterfaceAddress($0) }), privateKey: nil)
                #expect(applied.index == made.index)
                let state = try #require(try host.read().link)
                #expect(state.mtu == UInt64(mtu))
                // No link-local address of the kernel's own among them.
                #expect(Set(state.addresses.map(\.description)) == Set(addresses))
            }
            for mtu in [576, 1420] {
                _ = try host.kernel.applyTunnel(
                    ApplyTunnel(
                        tunnel: host.tunnel, interface: host.interface, mtu: try MTU(mtu),
                        addresses: mtu == 576 ? [try InterfaceAddress("10.90.0.1/24")] : nil), privateKey: nil)
                #expect(try host.read().link?.addresses.map(\.description) == one)
            }
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `a change to a small MTU that fails gives IPv6 and its routes back`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let routes = [try Prefix("192.168.77.0/24"), try Prefix("fd00:77::/64")]
            _ = try host.kernel.applyPeers(
                ApplyPeers(tunnel: host.tunnel, interface: host.interface, addRoutes: routes), presharedKeys: [:])
            let before = try #require(try host.read().link)
            var refusing = Kernel(
                route: try Netlink(bus: NETLINK_ROUTE), wireguard: RefusingWireGuard(real: host.kernel.wireguard))
            let small = try host.request(mark: 5, mtu: 576, addresses: ["10.90.0.1/24"])
            #expect(throws: Refusal(.kernel, "is not to be")) {
                try refusing.applyTunnel(small, privateKey: nil)
            }
            let after = try #require(try host.read().link)
            #expect(after.mtu == before.mtu)
            #expect(after.mark == before.mark)
            #expect(Set(after.addresses) == Set(before.addresses))
            #expect(Set(try host.read().routes) == Set(routes))
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `an interface that is missing is not found, unless all is given to make it`(backend: WireGuardBackend)
            throws
        {
            var host = try TunnelHost(backend)
            let partial = ApplyTunnel(tunnel: host.tunnel, interface: host.interface, mtu: try MTU(1400))
            let applied = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(partial, privateKey: nil)
            }
            #expect(applied?.code == .notFound)
            let peers = ApplyPeers(tunnel: host.tunnel, interface: host.interface, remove: [try host.peer(1)])
            let changed = host.refusal { kernel throws(Refusal) in _ = try kernel.applyPeers(peers, presharedKeys: [:])
            }
            #expect(changed?.code == .notFound)
        }

        @Test(arguments: TunnelHost.backends)
        func `an interface that was deleted by hand is missing, and made anew at once`(backend: WireGuardBackend) throws
        {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            try run("ip", "link", "delete", host.interface.description)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(try host.read().link?.listenPort?.rawValue == 51900)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `what was changed by hand is put right, and only that`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            let made = try host.kernel.applyTunnel(try host.request(mark: 7), privateKey: try host.secret(1))
            let before = try host.read().link
            let name = host.interface.description
            try run("ip", "address", "delete", "10.90.0.1/24", "dev", name)
            try run("ip", "address", "add", "10.91.0.1/24", "dev", name)
            try run("ip", "link", "set", name, "mtu", "1333", "down")
            try run("wg", "set", name, "listen-port", "51977", "fwmark", "3")
            #expect(try host.read().link != before)
            let again = try host.kernel.applyTunnel(try host.request(mark: 7), privateKey: try host.secret(1))
            #expect(again.index == made.index)
            let after = try host.read().link
            #expect(Set(after?.addresses ?? []) == Set(before?.addresses ?? []))
            #expect(after?.isUp == true)
            #expect(after?.mtu == before?.mtu)
            #expect(after?.listenPort == before?.listenPort)
            #expect(after?.mark == before?.mark)
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `an interface that others made is refused and stays as it is`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            try run("ip", "link", "add", host.interface.description, "type", "veth", "peer", "name", "aifwt9")
            let wanted = try host.request()
            let key = try host.secret(1)
            let unmarked = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(wanted, privateKey: key)
            }
            #expect(unmarked?.code == .notOurs)
            #expect(try host.kernel.inventory(Inventory(), .standard).foreign == [host.interface])
            #expect(
                try host.kernel.inventory(Inventory(.interface(host.interface)), .standard).foreign == [host.interface])
            let other = ObjectID.random()
            try run("ip", "link", "set", host.interface.description, "alias", "aifw-vpn:\(other)")
            let change = ApplyPeers(tunnel: host.tunnel, interface: host.interface, remove: [try host.peer(1)])
            let marked = host.refusal { kernel throws(Refusal) in _ = try kernel.applyPeers(change, presharedKeys: [:])
            }
            #expect(marked?.code == .notOurs)
            #expect(marked?.message.contains(other.description) == true)
            try run("ip", "link", "delete", host.interface.description)
        }

        /// Few networks are compared one by one, many with a list of the host's own: both must find the same.
        @Test(arguments: TunnelHost.backends, [1, 100])
        func `the host's networks that others overlap are found, and no tunnel's`(
            backend: WireGuardBackend, count: Int
        ) throws {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            defer { try? host.remove() }
            try run("ip", "link", "add", "aifwt7", "type", "veth", "peer", "name", "aifwt8")
            defer { _ = try? run("ip", "link", "delete", "aifwt7") }
            try run("ip", "address", "add", "192.0.2.5/24", "dev", "aifwt7")
            try run("ip", "address", "add", "198.51.100.1", "peer", "203.0.113.9/32", "dev", "aifwt7")
            let far = (1..<count).map { Prefix(host: IPAddress(.v4, bits: 0x0B00_0000 + UInt128($0))) }
            func found(_ network: String) throws -> String? {
                let network = try Prefix(network)
                return try host.kernel.hostPrefixes(overlapping: [network] + far).first(overlapping: network)?
                    .description
            }
            #expect(try found("192.0.2.128/25") == "192.0.2.0/24")
            #expect(try found("192.0.0.0/16") == "192.0.2.0/24")
            #expect(try found("203.0.113.0/24") == "203.0.113.9/32")
            #expect(try found("10.90.0.0/24") == nil, "that is the tunnel's own")
            #expect(try found("10.91.0.0/24") == nil)
            let near = Inventory(.networks([try Prefix("192.0.2.0/25"), try Prefix("10.90.0.0/16")]))
            #expect(try host.kernel.inventory(near, .standard).addresses.map(\.description) == ["192.0.2.5/24"])
            let own = try host.kernel.hostPrefixes(overlapping: [try Prefix("192.0.2.0/24")] + far)
            let (ours, neighbours) = (try IPAddress("192.0.2.5"), try IPAddress("192.0.2.6"))
            #expect(own.isOwn(ours) && !own.isOwn(neighbours))
        }

        @Test(arguments: TunnelHost.backends)
        func `a tunnel whose name others took is not there: it reads as absent, and removing it touches nothing`(
            backend: WireGuardBackend
        ) throws {
            var host = try TunnelHost(backend)
            let name = host.interface.description
            try run("ip", "link", "add", name, "type", "veth", "peer", "name", "aifwt9")
            for alias in ["somebody's", TunnelAlias.text(.random())] {
                try run("ip", "link", "set", name, "alias", alias)
                let before = try host.kernel.links.find(name)
                #expect(before?.alias == alias)
                #expect(try host.read().link == nil)
                try host.remove()
                #expect(try host.kernel.links.find(name) == before)
            }
            try run("ip", "link", "delete", name)
        }

        @Test(arguments: TunnelHost.backends)
        func `peers are set, changed and removed, each alone`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let (one, two) = (try host.peer(1), try host.peer(2))
            let sealed = SealedReference(object: host.tunnel, secret: try #require(SealedSecret(bytes: [1])))
            _ = try host.kernel.applyPeers(
                ApplyPeers(
                    tunnel: host.tunnel, interface: host.interface,
                    set: [
                        PeerChange(
                            publicKey: one, presharedKey: sealed, endpoint: try Endpoint("192.0.2.1:1000"),
                            allowedIPs: [try Prefix("10.90.0.5/32"), try Prefix("fd00:90::5/128")],
                            keepalive: try Keepalive(25)),
                        PeerChange(publicKey: two, endpoint: try Endpoint("[2001:db8::1]:2000"), allowedIPs: []),
                    ]), presharedKeys: [one: try host.secret(5)])
            var peers = Dictionary(uniqueKeysWithValues: try host.read().peers.map { ($0.publicKey, $0) })
            #expect(peers.count == 2)
            #expect(peers[one]?.presharedKey == SecretFingerprint(bytes: [UInt8](repeating: 5, count: 16)))
            #expect(peers[one]?.endpoint?.description == "192.0.2.1:1000")
            #expect(Set(peers[one]?.allowedIPs.map(\.description) ?? []) == ["10.90.0.5/32", "fd00:90::5/128"])
            #expect(peers[one]?.keepalive.rawValue == 25)
            #expect(peers[one]?.latestHandshake == 0)
            #expect(peers[two]?.endpoint?.description == "[2001:db8::1]:2000")
            #expect(peers[two]?.presharedKey == nil)

            _ = try host.kernel.applyPeers(
                ApplyPeers(
                    tunnel: host.tunnel, interface: host.interface,
                    set: [
                        PeerChange(publicKey: one, presharedKey: .some(nil), allowedIPs: [try Prefix("10.90.0.6/32")])
                    ]),
                presharedKeys: [:])
            peers = Dictionary(uniqueKeysWithValues: try host.read().peers.map { ($0.publicKey, $0) })
            #expect(peers[one]?.presharedKey == nil)
            #expect(peers[one]?.allowedIPs.map(\.description) == ["10.90.0.6/32"])
            #expect(peers[one]?.keepalive.rawValue == 25)

            let removal = ApplyPeers(tunnel: host.tunnel, interface: host.interface, remove: [one])
            _ = try host.kernel.applyPeers(removal, presharedKeys: [:])
            _ = try host.kernel.applyPeers(removal, presharedKeys: [:])
            #expect(try host.read().peers.map(\.publicKey) == [two])
            try host.remove()
        }

        @Test(arguments: TunnelHost.backends)
        func `routes are ours alone: one that leads elsewhere stays and is named`(backend: WireGuardBackend) throws {
            var host = try TunnelHost(backend)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            try run("ip", "link", "add", "aifwt0", "up", "type", "veth", "peer", "name", "aifwt1")
            try run("ip", "route", "add", "192.168.50.0/24", "dev", "aifwt0")
            try run("ip", "route", "add", "192.168.60.0/24", "dev", "aifwt0")
            let routes = ["192.168.50.0/24", "192.168.40.0/24", "192.168.60.0/24", "fd00:40::/64"]
            let adding = ApplyPeers(
                tunnel: host.tunnel, interface: host.interface, addRoutes: try routes.map { try Prefix($0) })
            let refused = host.refusal { kernel throws(Refusal) in _ = try kernel.applyPeers(adding, presharedKeys: [:])
            }
            #expect(refused?.errno == EEXIST)
            #expect(refused?.field == "add_routes[0]")
            #expect(refused?.message.contains("route 192.168.50.0/24 over \(host.interface)") == true)
            #expect(Set(try host.read().routes.map(\.description)) == ["192.168.40.0/24", "fd00:40::/64"])
            #expect(try run("ip", "route", "show", "192.168.50.0/24").contains("aifwt0"))
            let again = ApplyPeers(
                tunnel: host.tunnel, interface: host.interface,
                removeRoutes: [try Prefix("192.168.41.0/24"), try Prefix("fd00:40::/64")],
                addRoutes: [try Prefix("192.168.40.0/24")])
            _ = try host.kernel.applyPeers(again, presharedKeys: [:])
            #expect(try host.read().routes.map(\.description) == ["192.168.40.0/24"])
            let removing = ApplyPeers(
                tunnel: host.tunnel, interface: host.interface, removeRoutes: try routes.map { try Prefix($0) })
            _ = try host.kernel.applyPeers(removing, presharedKeys: [:])
            #expect(try host.read().routes.isEmpty)
            #expect(try run("ip", "route", "show", "192.168.50.0/24").contains("aifwt0"))
            try run("ip", "link", "delete", "aifwt0")
            try host.remove()
        }
    }
}
