import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// Changes of tunnels that could not be put right before, and beside others.
@Suite struct TunnelChangeTests {
    private static let inUse = Refusal(.kernel, "Address already in use", field: "listen_port", errno: 98)

    /// A started tunnel whose repair was refused: that of a missing interface, or of one with another port than it has.
    private static func refused(
        _ server: TunnelServer, isMissing: Bool
    ) async throws -> (id: ObjectID, path: String) {
        let tunnel = try await server.tunnel(isEnabled: true)
        server.helper.give(try await server.fixture.store.read { try $0.tunnel(tunnel.id) })
        let port = try Port(50000)
        server.helper.state.withLock { state in
            state.refusals[.applyTunnel] = inUse
            guard !isMissing, let found = state.tunnels[tunnel.id] else {
                state.tunnels[tunnel.id] = nil
                state.interfaces[tunnel.id] = nil
                return
            }
            state.tunnels[tunnel.id] = ActualTunnel(
                state: TunnelState(
                    index: 7, isUp: true, mtu: found.state.mtu, addresses: found.state.addresses,
                    publicKey: found.state.publicKey, listenPort: port, mark: found.state.mark),
                routes: [], peers: found.peers)
        }
        try await server.plane.reconcile()
        let shown = try await server.ask("GET", tunnel.path).json["data"]
        #expect(shown?["status"] == "error" && shown?["status_detail"]?.text?.contains("already in use") == true)
        return tunnel
    }

    @Test(arguments: [true, false])
    func `what a refused repair waits for can be changed, and all of the tunnel is there then`(
        isMissing: Bool
    ) async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await Self.refused(server, isMissing: isMissing)
            server.helper.state.withLock { $0.refusals = [:] }
            server.helper.forgetRequests()
            let answer = try await server.ask("PATCH", path, #"{"listen_port":51999}"#)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(try answer.json["data"]?["status"] == "up")
            let asked = server.helper.state.withLock { state in
                state.asked.compactMap { if case .applyTunnel(let verb) = $0 { verb } else { nil } }
            }
            #expect(asked.map(\.listenPort?.rawValue) == [51999])
            let isWhole = asked.first.map { $0.privateKey != nil && $0.addresses != nil && $0.mtu != nil }
            #expect(isWhole == isMissing)
            #expect(server.plane.faults[id] == nil)
        }
    }

    @Test func `what mends nothing of a refused repair is done, and the reason stays`() async throws {
        try await TunnelServer.with { server in
            let (_, path) = try await Self.refused(server, isMissing: true)
            let renamed = try await server.ask("PATCH", path, #"{"name":"renamed"}"#)
            #expect(renamed.status == 200)
            #expect(try renamed.json["data"]?["status_detail"]?.text?.contains("already in use") == true)
            let other = try await server.ask("PATCH", path, #"{"listen_port":51999}"#)
            #expect(other.status == 502)
            #expect(try other.faults["listen_port"]?.contains("already in use") == true)
        }
    }

    @Test func `one that is enabled after a refused repair is up, without the error of long ago`() async throws {
        try await TunnelServer.with { server in
            let (_, path) = try await Self.refused(server, isMissing: true)
            let off = try await server.ask("PATCH", path, #"{"enabled":false}"#)
            #expect(try off.json["data"]?["status"] == "down")
            server.helper.state.withLock { $0.refusals = [:] }
            let on = try await server.ask("PATCH", path, #"{"enabled":true}"#)
            #expect(try on.json["data"]?["status"] == "up")
            #expect(try on.json["data"]?["status_detail"] == .null)
        }
    }

    @Test func `a whole object of a version that has gone is a 412, whatever has changed since`() async throws {
        try await TunnelServer.with { server in
            let (_, tunnel) = try await server.tunnel()
            let made = try await server.ask("POST", "\(tunnel)/peers", #"{"name":"laptop"}"#)
            let peer = "\(tunnel)/peers/\(try #require(try made.json["data"]?["id"]?.text))"
            for path in [tunnel, peer] {
                let first = try await server.ask("GET", path)
                let whole = try #require(try first.json["data"]).words
                let etag = try #require(first.headers["etag"])
                server.fixture.clock.advance(milliseconds: 1000)
                #expect(try await server.ask("PATCH", path, #"{"name":"renamed"}"#).status == 200)
                for method in ["PUT", "PATCH"] {
                    let answer = try await server.ask(method, path, whole, "If-Match: \(etag)")
                    #expect(answer.status == 412, "\(answer.body)")
                }
            }
        }
    }

    @Test func `an IPv6 address and an MTU that is too small for it are not set one beside the other`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let address = #"{"address":"10.0.0.1/24, fd00::1/64"}"#
            let answer = try await server.ask("PATCH", path, address, holding: .inventory) {
                try await server.plane.write { transaction, _ in
                    var tunnel = try transaction.tunnel(id)
                    tunnel.mtu = try MTU(1000)
                    _ = try transaction.update(tunnel, by: .tester)
                }
            }
            #expect(answer.status == 422)
            #expect(try answer.faults["mtu"]?.contains("1280") == true)
        }
    }
}
