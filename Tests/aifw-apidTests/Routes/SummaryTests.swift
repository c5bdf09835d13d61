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
                ])
            #expect(rules > 0 && revision == 7)
            server.helper.stop()
            let away = try await server.server.local("/api/v1/vpn/summary")
            #expect(away.status == 503 && away.headers["retry-after"] != nil)
        }
    }
}
