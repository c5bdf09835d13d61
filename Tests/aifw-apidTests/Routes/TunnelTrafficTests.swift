import Testing
import Wire

@testable import aifw_apid

@Suite struct TunnelTrafficTests {
    @Test func `a tunnel shows what it has carried, and neither a client nor an ETag is bound to it`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let other = try await server.tunnel("other", address: "10.1.0.1/24")
            #expect(try await server.ask("POST", "\(path)/peers", #"{"name":"laptop"}"#).status == 201)
            let before = try await server.ask("GET", path)
            #expect(try Self.amounts(#require(before.json["data"])) == [0, 0])
            try await Self.carry(received: 100, sent: 300, through: id, server.plane)

            let after = try await server.ask("GET", path)
            #expect(try Self.amounts(#require(after.json["data"])) == [100, 300])
            #expect(after.headers["etag"] == before.headers["etag"])
            let list = try #require(try await server.ask("GET", "").json["data"]?.elements)
            #expect(list.count == 2)
            #expect(list.filter { $0["id"] == id.json }.map(Self.amounts) == [[100, 300]])
            #expect(list.filter { $0["id"] == other.id.json }.map(Self.amounts) == [[0, 0]])

            // What a client has read before is taken back from it, and changes nothing.
            let read = try #require(before.json["data"])
            let former = read.words
            let put = try await server.ask("PUT", path, former, "If-Match: \(try #require(after.headers["etag"]))")
            #expect(put.status == 200, "\(put.body)")
            #expect(try Self.amounts(#require(put.json["data"])) == [100, 300])
            #expect(put.headers["etag"] == before.headers["etag"])
        }
    }

    private static func amounts(_ tunnel: JSON) -> [JSON?] { [tunnel["transfer_rx"], tunnel["transfer_tx"]] }

    /// As if the kernel had been looked at, and its counters were these.
    private static func carry(
        received: UInt64, sent: UInt64, through id: ObjectID, _ plane: ControlPlane
    ) async throws {
        let (tunnel, peers) = try await plane.store.read { transaction in
            var peers: [ObservedPeer] = []
            try transaction.forEachPeer(of: id) { peer in
                let state = PeerState(
                    publicKey: peer.publicKey, presharedKey: nil, endpoint: nil, allowedIPs: [],
                    keepalive: Keepalive(validated: 0), latestHandshake: 0, received: received, sent: sent)
                peers.append(
                    ObservedPeer(
                        id: peer.id, name: peer.name, publicKey: peer.publicKey, condition: .never, state: state))
            }
            return (try transaction.tunnel(id), peers)
        }
        let now = ContinuousClock.now
        let observed = ObservedTunnel(
            record: tunnel, status: .up, peers: peers,
            reading: CounterReading(interface: 7, began: now, ended: now))
        plane.ledger.book(Observation(time: .now, tunnels: [observed], associations: []), at: now)
    }
}
