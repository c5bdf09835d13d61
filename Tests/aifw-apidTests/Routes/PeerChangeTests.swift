import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// Changes of a peer beside others: what one is worked out from may not be so any more when it is made.
@Suite struct PeerChangeTests {
    /// A peer that is made here; its id and its path behind ``TunnelServer/path``.
    private static func peer(
        _ server: TunnelServer, in tunnel: String, _ members: String = ""
    ) async throws -> (id: ObjectID, path: String) {
        let answer = try await server.ask("POST", "\(tunnel)/peers", #"{"name":"laptop"\#(members)}"#)
        #expect(answer.status == 201, "\(answer.body)")
        let id = try ObjectID(json: try #require(try answer.json["data"]?["id"]))
        return (id, "\(tunnel)/peers/\(id)")
    }

    @Test func `a pre-shared key that is set while the keys are made anew stays`() async throws {
        try await TunnelServer.with { server in
            let (tunnel, path) = try await server.tunnel()
            let peer = try await Self.peer(server, in: path)
            let before = try await server.fixture.store.read { try $0.peer(peer.id, of: tunnel) }
            let answer = try await server.ask("POST", "\(peer.path)/rotate", holding: .seal) {
                try await server.plane.write { transaction, _ in
                    var peer = try transaction.peer(peer.id, of: tunnel)
                    peer.presharedKey = .sample()
                    _ = try transaction.update(peer, by: .tester)
                }
            }
            #expect(answer.status == 200)
            #expect(try answer.json["data"]?["has_preshared_key"] == true)
            let after = try await server.fixture.store.read { try $0.peer(peer.id, of: tunnel) }
            #expect(after.presharedKey != nil && after.publicKey != before.publicKey)
        }
    }

    @Test func `a key that is given while the keys are made anew is not overwritten`() async throws {
        try await TunnelServer.with { server in
            let (tunnel, path) = try await server.tunnel()
            let peer = try await Self.peer(server, in: path)
            let key = PublicKey.random()
            let answer = try await server.ask("POST", "\(peer.path)/rotate", holding: .seal) {
                let given = try await server.ask("PATCH", peer.path, #"{"public_key":"\#(key)"}"#)
                #expect(given.status == 200)
            }
            #expect(answer.status == 409)
            #expect(try answer.problem == "key-not-kept")
            #expect(try await server.fixture.store.read { try $0.peer(peer.id, of: tunnel).publicKey } == key)
        }
    }

    @Test func `one that has expired is not enabled by the word alone, and may be sent back`() async throws {
        try await TunnelServer.with { server in
            let (tunnel, path) = try await server.tunnel()
            let peer = try await Self.peer(server, in: path)
            let past = server.fixture.clock.now
            try await server.plane.write { transaction, _ in
                var expired = try transaction.peer(peer.id, of: tunnel)
                expired.expiresAt = past
                _ = try transaction.update(expired, by: .tester)
            }
            server.fixture.clock.advance(milliseconds: 1000)
            let enabled = try await server.ask("PATCH", peer.path, #"{"enabled":true}"#)
            #expect(enabled.status == 409)
            #expect(try enabled.faults["enabled"]?.contains("expired") == true)
            let whole = try #require(try await server.ask("GET", peer.path).json["data"]).words
            #expect(try await server.ask("PUT", peer.path, whole).status == 200)
            let renamed = try await server.ask("PATCH", peer.path, #"{"name":"renamed","enabled":true}"#)
            #expect(renamed.status == 200)
            #expect(try await server.ask("PATCH", peer.path, #"{"enabled":true,"expires_at":null}"#).status == 200)
        }
    }

    // MARK: Configurations that are handed out once

    private enum Making: CaseIterable { case one, many, again }

    @Test(arguments: Making.allCases)
    private func `a configuration that is handed out once is of the tunnel as it is when the peer is stored`(
        making: Making
    ) async throws {
        try await TunnelServer.with { server in
            let (tunnel, path) = try await server.tunnel()
            let members = #","keep_private_key":false"#
            let (target, body): (String, String?) =
                switch making {
                case .one: ("\(path)/peers", #"{"name":"phone"\#(members)}"#)
                case .many: ("\(path)/peers/bulk", #"{"peers":[{"name":"phone"\#(members)}]}"#)
                case .again: (try await Self.peer(server, in: path, members).path + "/rotate", nil)
                }
            let answer = try await server.ask("POST", target, body, holding: .reveal) {
                try await server.plane.write { transaction, _ in
                    var changed = try transaction.tunnel(tunnel)
                    changed.listenPort = try Port(51999)
                    changed.endpoint = try PublicEndpoint("new.example.org")
                    _ = try transaction.update(changed, by: .tester)
                }
            }
            #expect(answer.status == (making == .again ? 200 : 201), "\(answer.body)")
            let data = try #require(try answer.json["data"])
            let text = (data.elements?.first ?? data)["config"]?.text
            #expect(text?.contains("Endpoint = new.example.org:51999") == true)
        }
    }
}
