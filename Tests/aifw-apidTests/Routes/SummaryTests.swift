import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct SummaryTests {
    @Test func `all are counted, by what the kernel says of them`() async throws {
        try await TunnelServer.with { server in
            let up = try await server.tunnel("up", isEnabled: true)
            let down = try await server.tunnel("down", address: "10.1.0.1/24")
            for (path, body) in [
                (up.path, #"{"name":"a"}"#), (up.path, #"{"name":"b","enabled":false}"#),
                (up.path, #"{"name":"c","expires_at":"2099-01-01T00:00:00Z"}"#), (down.path, #"{"name":"d"}"#),
            ] {
                #expect(try await server.ask("POST", "\(path)/peers", body).status == 201)
            }
            let made = try await server.server.local(
                "/api/v1/vpn/ipsec", "-H", "Content-Type: application/json", "-d", AssociationServer.manual)
            #expect(made.status == 201)
            server.fixture.clock.now = try Timestamp("2100-01-01T00:00:00Z")
            let summary = try await server.server.local("/api/v1/vpn/summary")
            #expect(summary.status == 200)
            let revision = try await server.fixture.store.read { try $0.revision() }
            let rules = try await server.fixture.store.read { try $0.passRules().count }
            #expect(
                try summary.json["data"] == [
                    "tunnels": ["total": 2, "up": 1, "down": 1, "error": 0],
                    "peers": ["total": 4, "online": 0, "stale": 0, "never": 2, "disabled": 1, "expired": 1],
                    "associations": ["total": 1, "up": 1, "down": 0, "error": 0],
                    "rules": ["total": .integer(Int64(rules))], "revision": .integer(revision),
                    "attention": [], "attention_total": 0,
                ])
            #expect(rules > 0 && revision == 7)
            server.helper.stop()
            let away = try await server.server.local("/api/v1/vpn/summary")
            #expect(away.status == 503 && away.headers["retry-after"] != nil)
        }
    }

    /// `attention` as kinds and names, and the total.
    private func attention(_ server: TunnelServer) async throws -> ([String], JSON?) {
        let data = try await server.server.local("/api/v1/vpn/summary").json["data"]
        let found = try #require(data?["attention"]?.elements).map { item in
            "\(item["kind"]?.text ?? "") \(item["object"]?["name"]?.text ?? "")"
        }
        return (found, data?["attention_total"])
    }

    @Test func `what needs attention comes with its reason, the worst first`() async throws {
        try await TunnelServer.with { server in
            let office = try await server.tunnel("office", isEnabled: true)
            _ = try await server.tunnel("lab", address: "10.1.0.1/24", isEnabled: true)
            for body in [
                #"{"name":"later","expires_at":"2027-01-22T07:59:59Z"}"#, #"{"name":"calm"}"#,
                #"{"name":"soon","expires_at":"2027-01-15T09:00:00Z"}"#,
                #"{"name":"off","enabled":false,"expires_at":"2027-01-15T09:00:00Z"}"#,
                #"{"name":"next week","expires_at":"2027-01-22T08:00:01Z"}"#,
            ] {
                #expect(try await server.ask("POST", "\(office.path)/peers", body).status == 201)
            }
            let made = try await server.server.local(
                "/api/v1/vpn/ipsec", "-H", "Content-Type: application/json", "-d", AssociationServer.manual)
            #expect(made.status == 201)
            #expect(try await attention(server) == (["peer-expiring soon", "peer-expiring later"], 2))

            // An association and a tunnel's interface go, and a handshake that is long ago is all there is.
            let now = server.fixture.clock.now.milliseconds / 1000
            server.helper.state.withLock { state in
                state.associations = []
                state.policies = []
                let tunnel = state.tunnels[office.id]
                state.tunnels = state.tunnels.filter { $0.key == office.id }
                state.interfaces = state.interfaces.filter { $0.key == office.id }
                state.tunnels[office.id] = tunnel.map { $0.withHandshake(UInt64(now - 181), ofFirst: 1) }
            }
            var found = try await attention(server)
            #expect(
                found.0 == [
                    "tunnel-error lab", "association-error office-to-dc", "peer-expiring soon", "peer-expiring later",
                    "tunnel-stale office",
                ])
            let data = try await server.server.local("/api/v1/vpn/summary").json["data"]?["attention"]?.elements
            let items = try #require(data)
            try #require(items.count == 5)
            #expect(items[0]["detail"]?.text?.contains("missing") == true && items[0]["at"] == .null)
            #expect(items[2]["at"] == "2027-01-15T09:00:00Z")
            #expect(items[2]["object"]?["tunnel_id"] == office.id.json && items[4]["object"]?["tunnel_id"] == nil)
            #expect(items[4]["at"] == Timestamp(milliseconds: (now - 181) * 1000).json)

            // A younger one: somebody is there.
            server.helper.state.withLock { state in
                let tunnel = state.tunnels[office.id]
                state.tunnels[office.id] = tunnel.map { $0.withHandshake(UInt64(now - 180), ofFirst: 1) }
            }
            found = try await attention(server)
            #expect(!found.0.contains { $0.hasPrefix("tunnel-stale") } && found.1 == 4)
        }
    }

    @Test func `rules that the filter lacks are told while they are asked for`() async throws {
        try await TunnelServer.with { server in
            let office = try await server.tunnel("office", isEnabled: true)
            #expect(try await attention(server) == ([], 0))
            server.helper.state.withLock { state in
                state.rules = state.rules.filter { $0.kind != .listenPort }
            }
            #expect(try await attention(server) == (["rule-not-loaded office"], 1))
            // A look at everything each few seconds does not ask the filter.
            let before = server.helper.kinds.count { $0 == .readRules }
            _ = try await server.plane.observe()
            #expect(server.helper.kinds.count { $0 == .readRules } == before)
            let data = try await server.server.local("/api/v1/vpn/summary").json["data"]
            let detail = data?["attention"]?.elements?.first?["detail"]?.text
            #expect(detail == "the packet filter lacks 1 of its 2 rules (listen-port); it is being put right")
            #expect(try await server.ask("POST", "\(office.path)/stop").status == 200)
            #expect(try await attention(server) == ([], 0))
            #expect(try await server.ask("POST", "\(office.path)/start").status == 200)
            #expect(try await attention(server) == ([], 0))
            // Where the filter refuses to say, what is enabled shows it.
            server.helper.state.withLock { state in
                state.rules = []
                state.refusals[.readRules] = Refusal(.filter, "no such table")
            }
            #expect(try await attention(server) == ([], 0))
        }
    }

    @Test func `10,000 peers that expire are counted, and the next hundred named`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let now = fixture.clock.now
        try await fixture.store.write { transaction in
            for number in 0..<10_000 {
                var peer = try PeerRecord.sample(
                    "peer \(number)", of: tunnel.id,
                    allowedIPs: AllowedIPs("10.9.\(number >> 8).\(number & 255)/32"))
                peer.expiresAt = Timestamp(milliseconds: now.milliseconds + Int64(10_000 - number) * 1000)
                _ = try transaction.insert(peer, by: .tester)
            }
        }
        let end = Timestamp(milliseconds: now.milliseconds + Attention.notice)
        let (first, total) = try await fixture.store.read {
            try $0.peersExpiring(upTo: end, atMost: Attention.limit)
        }
        #expect(total == 10_000 && first.map(\.name.description) == (0..<100).map { "peer \(9999 - $0)" })
        var attention = Attention()
        attention.add(expiring: first, of: total)
        attention.add(silent: tunnel, since: now)
        let json = JSON.object(attention.json)
        #expect(json["attention"]?.elements?.count == 100 && json["attention_total"] == 10_001)
        let late = try await fixture.store.read {
            try $0.peersExpiring(upTo: Timestamp(milliseconds: now.milliseconds + 99_000), atMost: Attention.limit)
        }
        #expect(late.total == 99 && late.first.count == 99)
    }
}

extension ActualTunnel {
    /// The same with a handshake of so many of its peers.
    fileprivate func withHandshake(_ time: UInt64, ofFirst count: Int) -> ActualTunnel {
        let peers = peers.enumerated().map { index, peer in
            PeerState(
                publicKey: peer.publicKey, presharedKey: peer.presharedKey, endpoint: peer.endpoint,
                allowedIPs: peer.allowedIPs, keepalive: peer.keepalive, latestHandshake: index < count ? time : 0,
                received: peer.received, sent: peer.sent)
        }
        return ActualTunnel(state: state, peers: peers)
    }
}
