import Foundation
import Testing
import Wire

@testable import aifw_privd

/// A tunnel for a test, and the kernel's side that makes it.
struct TunnelHost {
    /// Those that work here: wireguard-go where it is installed, the kernel's module where there is one.
    static let backends: [WireGuardBackend] = {
        let userspace = FileManager.default.isExecutableFile(atPath: RealWireGuardGo.path)
        let kernel = NetworkNamespace.isOurs && (try? Kernel.open(backend: .kernel, launcher: RealWireGuardGo())) != nil
        return (userspace ? [.userspace] : []) + (kernel ? [.kernel] : [])
    }()

    let launcher = RealWireGuardGo()
    let tunnel = ObjectID.random()
    let interface: TunnelInterface
    var kernel: Kernel

    init(_ backend: WireGuardBackend) throws {
        // One name a test: a test that fails leaves its interface behind.
        interface = try TunnelInterface(number: .random(in: 100...9999))
        kernel = try Kernel.open(backend: backend, launcher: launcher)
        try #require(kernel.backend.rawValue == backend.rawValue)
    }

    func secret(_ byte: UInt8) throws -> SecretKey {
        try #require(SecretKey(Bytes([UInt8](repeating: byte, count: 32))))
    }

    func peer(_ number: Int) throws -> PublicKey {
        try #require(PublicKey(bytes: (0..<32).map { $0 == 0 ? 9 : UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }))
    }

    /// An address within 10.90.0.0/16.
    static func address(_ number: Int) throws -> Prefix {
        Prefix(host: try #require(IPAddress(bytes: [10, 90, UInt8(number >> 8), UInt8(number & 255)])))
    }

    func request(
        port: Int = 51900, mark: Int? = nil, mtu: Int = 1400, addresses: [String] = ["10.90.0.1/24", "fd00:90::1/64"]
    ) throws -> ApplyTunnel {
        ApplyTunnel(
            tunnel: tunnel, interface: interface, listenPort: try Port(port),
            mark: try mark.map { try FirewallMark($0) },
            mtu: try MTU(mtu), addresses: try addresses.map { try InterfaceAddress($0) })
    }

    mutating func read() throws -> (link: TunnelState?, routes: [Prefix], peers: [PeerState]) {
        var link: TunnelState?
        var routes: [Prefix] = []
        var peers: [PeerState] = []
        try kernel.readTunnel(
            ReadTunnel(tunnel: tunnel, interface: interface), fingerprint: plainFingerprint,
            page: { answer in
                link = answer.link ?? link
                routes += answer.routes
                peers += answer.peers
            })
        return (link, routes, peers)
    }

    /// Gives the tunnel peers until it has that many.
    mutating func fill(upTo size: Int) throws {
        var present = try read().peers.count
        while present < size {
            let batch = present..<min(size, present + ApplyPeers.peerLimit)
            let set = try batch.map { PeerChange(publicKey: try peer($0), allowedIPs: [try Self.address($0)]) }
            _ = try kernel.applyPeers(ApplyPeers(tunnel: tunnel, interface: interface, set: set), presharedKeys: [:])
            present = batch.upperBound
        }
    }

    /// Changes one of those peers.
    func edit() throws -> ApplyPeers {
        let change = PeerChange(publicKey: try peer(2), allowedIPs: [try Self.address(2)], keepalive: try Keepalive(25))
        return ApplyPeers(tunnel: tunnel, interface: interface, set: [change])
    }

    mutating func remove() throws { _ = try kernel.removeTunnel(RemoveTunnel(tunnel: tunnel, interface: interface)) }

    mutating func refusal(_ body: (inout Kernel) throws(Refusal) -> Void) -> Refusal? {
        do {
            try body(&kernel)
            return nil
        } catch {
            return error
        }
    }
}

/// The first half of a secret: tells secrets apart for a test, no more.
func plainFingerprint(_ secret: UnsafeRawBufferPointer) -> SecretFingerprint {
    guard let fingerprint = SecretFingerprint(bytes: secret.prefix(16)) else {
        preconditionFailure("a secret has 32 bytes")
    }
    return fingerprint
}
