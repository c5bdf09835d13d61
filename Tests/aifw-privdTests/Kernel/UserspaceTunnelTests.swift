import CLinux
import Foundation
import Testing
import Wire

@testable import aifw_privd

/// The verbs on real interfaces, with a real wireguard-go.
@Suite(.serialized, .enabled(if: NetworkNamespace.isOurs, NetworkNamespace.reason))
struct UserspaceTunnelTests {
    private let launcher = RealWireGuardGo()
    private let tunnel = ObjectID.random()
    private let interface: TunnelInterface
    private var kernel: Kernel

    init() throws {
        // One name a test: a test that fails leaves its interface behind.
        interface = try TunnelInterface(number: .random(in: 100...9999))
        kernel = try Kernel.open(backend: .userspace, launcher: launcher)
    }

    private func secret(_ byte: UInt8) throws -> SecretKey {
        try #require(SecretKey(Bytes([UInt8](repeating: byte, count: 32))))
    }

    private func peer(_ number: Int) throws -> PublicKey {
        try #require(PublicKey(bytes: (0..<32).map { $0 == 0 ? 9 : UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }))
    }

    private func request(
        port: Int = 51900, mark: Int? = nil, mtu: Int = 1400, addresses: [String] = ["10.90.0.1/24", "fd00:90::1/64"]
    ) throws -> ApplyTunnel {
        ApplyTunnel(
            tunnel: tunnel, interface: interface, listenPort: try Port(port),
            mark: try mark.map { try FirewallMark($0) },
            mtu: try MTU(mtu), addresses: try addresses.map { try InterfaceAddress($0) })
    }

    private mutating func read() throws -> (link: TunnelState?, peers: [PeerState]) {
        var link: TunnelState?
        var peers: [PeerState] = []
        try kernel.readTunnel(
            ReadTunnel(tunnel: tunnel, interface: interface),
            fingerprint: { secret in
                // Tells secrets apart for the test, no more.
                SecretFingerprint(bytes: secret.prefix(16)) ?? unreachableFingerprint
            },
            page: { answer in
                link = answer.link ?? link
                peers += answer.peers
            })
        return (link, peers)
    }

    private mutating func remove() throws {
        _ = try kernel.removeTunnel(RemoveTunnel(tunnel: tunnel, interface: interface))
    }

    private mutating func refusal(_ body: (inout Kernel) throws(Refusal) -> Void) -> Refusal? {
        do {
            try body(&kernel)
            return nil
        } catch {
            return error
        }
    }

    @Test mutating func `a tunnel is made as asked, read back, and gone with its process when removed`() throws {
        let answer = try kernel.applyTunnel(try request(mark: 7), privateKey: try secret(1))
        let state = try #require(try read().link)
        #expect(state.index == answer.index)
        #expect(state.isUp)
        #expect(state.mtu == 1400)
        #expect(Set(state.addresses.map(\.description)) == ["10.90.0.1/24", "fd00:90::1/64"])
        #expect(state.publicKey == PublicKey(of: try secret(1)))
        #expect(state.listenPort?.rawValue == 51900)
        #expect(state.mark.rawValue == 7)
        #expect(state.routes.isEmpty)
        let inventory = try kernel.inventory()
        #expect(inventory.tunnels == [Inventory.Owned(tunnel: tunnel, interface: interface, isUp: true)])
        #expect(inventory.foreign.isEmpty)
        #expect(!inventory.addresses.contains(try IPAddress("10.90.0.1")))

        try remove()
        #expect(!launcher.isRunning(interface))
        #expect(!FileManager.default.fileExists(atPath: "/run/wireguard/\(interface).sock"))
        try FreePort.check(try Port(51900))
        #expect(try kernel.inventory().tunnels.isEmpty)
        #expect(try read().link == nil)
        try remove()
    }

    @Test mutating func `asking for the same again changes nothing`() throws {
        let first = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        let before = try read().link
        let second = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        #expect(first.index == second.index)
        #expect(try read().link == before)
        try remove()
    }

    @Test mutating func `every setting changes without the interface being made anew, and routes stay`() throws {
        let first = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        _ = try kernel.applyPeers(
            ApplyPeers(
                tunnel: tunnel, interface: interface,
                addRoutes: [try Prefix("192.168.77.0/24"), try Prefix("fd00:77::/64")]), presharedKeys: [:])
        let second = try kernel.applyTunnel(
            try request(port: 51901, mark: 9, mtu: 1300, addresses: ["10.90.0.2/24", "fd00:90::1/80", "10.91.0.1/16"]),
            privateKey: try secret(2))
        #expect(first.index == second.index)
        let state = try #require(try read().link)
        #expect(state.mtu == 1300)
        #expect(Set(state.addresses.map(\.description)) == ["10.90.0.2/24", "fd00:90::1/80", "10.91.0.1/16"])
        #expect(state.publicKey == PublicKey(of: try secret(2)))
        #expect(state.listenPort?.rawValue == 51901)
        #expect(state.mark.rawValue == 9)
        #expect(Set(state.routes.map(\.description)) == ["192.168.77.0/24", "fd00:77::/64"])
        // What is left out stays.
        _ = try kernel.applyTunnel(ApplyTunnel(tunnel: tunnel, interface: interface), privateKey: nil)
        #expect(try read().link == state)
        _ = try kernel.applyTunnel(
            ApplyTunnel(tunnel: tunnel, interface: interface, mark: try FirewallMark(0), addresses: []), privateKey: nil
        )
        let bare = try #require(try read().link)
        #expect(bare.mark.rawValue == 0)
        #expect(bare.addresses.isEmpty)
        #expect(bare.listenPort == state.listenPort)
        try remove()
    }

    @Test mutating func `a port that is taken is refused, and all is left as it was`() throws {
        let holder = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(51950).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(holder, $0, 16) }
        }
        try #require(bound == 0)
        let taken = try request(port: 51950, mtu: 1300, addresses: [])
        let key = try secret(1)
        let made = refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(taken, privateKey: key) }
        #expect(made?.errno == EADDRINUSE)
        #expect(made?.field == "listen_port")
        #expect(try read().link == nil)

        _ = try kernel.applyTunnel(try request(), privateKey: key)
        let before = try read().link
        let changed = refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(taken, privateKey: key) }
        #expect(changed?.errno == EADDRINUSE)
        #expect(try read().link == before)
        try remove()
    }

    @Test mutating func `a change that fails half-way is taken back`() throws {
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        let before = try read().link
        // The kernel gives no interface a multicast address.
        let faulty = try request(mtu: 1333, addresses: ["10.99.0.1/24", "ff02::1/64"])
        let refused = refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(faulty, privateKey: nil) }
        #expect(refused?.code == .kernel)
        #expect(try read().link == before)
        try remove()
    }

    @Test mutating func `an interface that is missing is not found, unless all is given to make it`() throws {
        let partial = ApplyTunnel(tunnel: tunnel, interface: interface, mtu: try MTU(1400))
        let applied = refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(partial, privateKey: nil) }
        #expect(applied?.code == .notFound)
        let peers = ApplyPeers(tunnel: tunnel, interface: interface, remove: [try peer(1)])
        let changed = refusal { kernel throws(Refusal) in _ = try kernel.applyPeers(peers, presharedKeys: [:]) }
        #expect(changed?.code == .notFound)
    }

    @Test mutating func `an interface that others made is refused and stays as it is`() throws {
        try run("ip", "link", "add", interface.description, "type", "veth", "peer", "name", "aifwt9")
        let wanted = try request()
        let key = try secret(1)
        let unmarked = refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(wanted, privateKey: key) }
        #expect(unmarked?.code == .notOurs)
        #expect(try kernel.inventory().foreign == [interface])
        let other = ObjectID.random()
        try run("ip", "link", "set", interface.description, "alias", "aifw-vpn:\(other)")
        let removal = RemoveTunnel(tunnel: tunnel, interface: interface)
        let marked = refusal { kernel throws(Refusal) in _ = try kernel.removeTunnel(removal) }
        #expect(marked?.code == .notOurs)
        #expect(marked?.message.contains(other.description) == true)
        try run("ip", "link", "delete", interface.description)
    }

    @Test mutating func `peers are set, changed and removed, each alone`() throws {
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        let (one, two) = (try peer(1), try peer(2))
        let sealed = SealedReference(object: tunnel, secret: try #require(SealedSecret(bytes: [1])))
        _ = try kernel.applyPeers(
            ApplyPeers(
                tunnel: tunnel, interface: interface,
                set: [
                    PeerChange(
                        publicKey: one, presharedKey: sealed, endpoint: try Endpoint("192.0.2.1:1000"),
                        allowedIPs: [try Prefix("10.90.0.5/32"), try Prefix("fd00:90::5/128")],
                        keepalive: try Keepalive(25)),
                    PeerChange(publicKey: two, endpoint: try Endpoint("[2001:db8::1]:2000"), allowedIPs: []),
                ]), presharedKeys: [one: try secret(5)])
        var peers = Dictionary(uniqueKeysWithValues: try read().peers.map { ($0.publicKey, $0) })
        #expect(peers.count == 2)
        #expect(peers[one]?.presharedKey == SecretFingerprint(bytes: [UInt8](repeating: 5, count: 16)))
        #expect(peers[one]?.endpoint?.description == "192.0.2.1:1000")
        #expect(Set(peers[one]?.allowedIPs.map(\.description) ?? []) == ["10.90.0.5/32", "fd00:90::5/128"])
        #expect(peers[one]?.keepalive.rawValue == 25)
        #expect(peers[one]?.latestHandshake == 0)
        #expect(peers[two]?.endpoint?.description == "[2001:db8::1]:2000")
        #expect(peers[two]?.presharedKey == nil)

        _ = try kernel.applyPeers(
            ApplyPeers(
                tunnel: tunnel, interface: interface,
                set: [PeerChange(publicKey: one, presharedKey: .some(nil), allowedIPs: [try Prefix("10.90.0.6/32")])]),
            presharedKeys: [:])
        peers = Dictionary(uniqueKeysWithValues: try read().peers.map { ($0.publicKey, $0) })
        #expect(peers[one]?.presharedKey == nil)
        #expect(peers[one]?.allowedIPs.map(\.description) == ["10.90.0.6/32"])
        #expect(peers[one]?.keepalive.rawValue == 25)

        let removal = ApplyPeers(tunnel: tunnel, interface: interface, remove: [one])
        _ = try kernel.applyPeers(removal, presharedKeys: [:])
        _ = try kernel.applyPeers(removal, presharedKeys: [:])
        #expect(try read().peers.map(\.publicKey) == [two])
        try remove()
    }

    @Test mutating func `routes are ours alone: one that leads elsewhere stays and is named`() throws {
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        try run("ip", "link", "add", "aifwt0", "up", "type", "veth", "peer", "name", "aifwt1")
        try run("ip", "route", "add", "192.168.50.0/24", "dev", "aifwt0")
        let routes = ["192.168.40.0/24", "192.168.50.0/24"]
        let adding = ApplyPeers(
            tunnel: tunnel, interface: interface, addRoutes: try routes.map { try Prefix($0) })
        let refused = refusal { kernel throws(Refusal) in _ = try kernel.applyPeers(adding, presharedKeys: [:]) }
        #expect(refused?.errno == EEXIST)
        #expect(refused?.field == "add_routes[1]")
        #expect(try run("ip", "route", "show", "192.168.50.0/24").contains("aifwt0"))
        let again = ApplyPeers(
            tunnel: tunnel, interface: interface, removeRoutes: [try Prefix("192.168.41.0/24")],
            addRoutes: [try Prefix("192.168.40.0/24")])
        _ = try kernel.applyPeers(again, presharedKeys: [:])
        #expect(try read().link?.routes.map(\.description) == ["192.168.40.0/24"])
        let removing = ApplyPeers(
            tunnel: tunnel, interface: interface, removeRoutes: try routes.map { try Prefix($0) })
        _ = try kernel.applyPeers(removing, presharedKeys: [:])
        #expect(try read().link?.routes.isEmpty == true)
        #expect(try run("ip", "route", "show", "192.168.50.0/24").contains("aifwt0"))
        try run("ip", "link", "delete", "aifwt0")
        try remove()
    }

    @Test
    mutating func `after wireguard-go was killed the tunnel is missing, and is made anew in spite of what is left`()
        throws
    {
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        launcher.kill(interface)
        #expect(FileManager.default.fileExists(atPath: "/run/wireguard/\(interface).sock"))
        #expect(try read().link == nil)
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        #expect(try read().link?.listenPort?.rawValue == 51900)
        try remove()
    }

    @Test mutating func `an edit of one peer is one request and one small message in a tunnel of any size`() throws {
        _ = try kernel.applyTunnel(try request(), privateKey: try secret(1))
        let proxy = try UserspaceProxy(interface)
        defer { proxy.stop() }
        let route = try Netlink(bus: NETLINK_ROUTE)
        var counted = Kernel(
            route: route,
            wireguard: WireGuardUserspace(links: Links(route), launcher: launcher, folder: proxy.folder))
        var costs: [[Int]] = []
        var present = 0
        for size in [10, 1_000] {
            while present < size {
                let batch = present..<min(size, present + ApplyPeers.peerLimit)
                let set = try batch.map { PeerChange(publicKey: try peer($0 + 10), allowedIPs: [try Self.host($0)]) }
                _ = try kernel.applyPeers(
                    ApplyPeers(tunnel: tunnel, interface: interface, set: set), presharedKeys: [:])
                present = batch.upperBound
            }
            let edit = PeerChange(publicKey: try peer(12), allowedIPs: [try Self.host(2)], keepalive: try Keepalive(25))
            let (messages, bytes, connections) = (route.messagesSent, proxy.bytes, proxy.connections)
            _ = try counted.applyPeers(
                ApplyPeers(tunnel: tunnel, interface: interface, set: [edit]), presharedKeys: [:])
            costs.append(
                [route.messagesSent - messages, proxy.bytes - bytes, proxy.connections - connections])
        }
        #expect(costs[0] == costs[1])
        // Looking for the link; a connection to see that its process lives, and one with the lines.
        #expect(costs[1][0] == 1)
        #expect(costs[1][1] < 256)
        #expect(costs[1][2] == 2)
        #expect(try read().peers.count == 1_000)
        try remove()
    }

    private static func host(_ number: Int) throws -> Prefix {
        Prefix(host: try #require(IPAddress(bytes: [10, 90, UInt8(number >> 8), UInt8(number & 255)])))
    }
}

private let unreachableFingerprint: SecretFingerprint = {
    guard let fingerprint = SecretFingerprint(bytes: [UInt8](repeating: 0, count: 16)) else {
        preconditionFailure("16 bytes are a fingerprint")
    }
    return fingerprint
}()
