import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// What happens in the daemon, found again in what a scrape shows.
@Suite struct MetersTests {
    private let registry = MetricsRegistry()
    private let fixture: StoreFixture
    private let helper: HelperStandIn
    private let plane: ControlPlane

    init() throws {
        fixture = try StoreFixture()
        helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        plane = ControlPlane(
            store: fixture.store, helperSocket: helper.path,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            meters: Meters(factory: registry))
    }

    /// The value of a series, as it is written before it.
    private func value(_ series: String) -> String? {
        var exposition = Exposition()
        registry.expose(to: &exposition)
        let line = exposition.text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.map { String($0.dropFirst(series.count + 1)) }
    }

    private func count(_ request: String) -> String? {
        value(#"aifw_helper_request_duration_seconds_count{request="\#(request)"}"#)
    }

    private func failures(_ request: String, _ reason: String) -> String? {
        value(#"aifw_helper_request_failures_total{request="\#(request)",reason="\#(reason)"}"#)
    }

    @Test func `requests over both connections are timed, and those that fail are counted by how`() async throws {
        try helper.start()
        try await plane.connectWriter()
        _ = try await plane.reader.inventory()
        #expect(count("greet") == "2" && count("inventory") == "2" && count("reveal") == "0")
        helper.state.withLock {
            $0.refusals = [.inventory: Refusal(.kernel, "no netlink today", errno: 1)]
        }
        await #expect(throws: HelperError.self) { try await plane.reader.inventory() }
        #expect(failures("inventory", "refused") == "1" && failures("inventory", "unavailable") == "0")
        helper.state.withLock {
            $0.refusals = [:]
            $0.cutsAfter = .inventory
        }
        // The connection breaks, and the call is repeated over another.
        _ = try await plane.reader.inventory()
        #expect(failures("inventory", "unavailable") == "1" && count("greet") == "3")
    }

    @Test(.timeLimit(.minutes(5)))
    func `comparisons, what they put right and what is refused are counted`() async throws {
        try helper.start()
        try await plane.connectWriter()
        let tunnel = try await fixture.store.write { transaction in
            var tunnel = try TunnelRecord.sample()
            tunnel.isEnabled = true
            return try transaction.insert(tunnel, by: .tester)
        }
        let reconciliation = Reconciliation(plane: plane, logger: plane.logger, watch: .seconds(60))
        let task = Task { try await reconciliation.run() }
        // Told after each turn.
        for await _ in plane.changes.all { break }
        task.cancel()
        try await task.value
        helper.give(tunnel)
        try await plane.reconcile()
        #expect(value("aifw_reconcile_runs_total") == "1" && value("aifw_reconcile_failures_total") == "0")
        #expect(value("aifw_reconcile_duration_seconds_count") == "1")
        let repaired = Int(value(#"aifw_reconcile_repairs_total{kind="tunnel"}"#) ?? "") ?? 0
        #expect(repaired > 0 && value(#"aifw_reconcile_repair_failures_total{kind="tunnel"}"#) == "0")
        helper.state.withLock {
            $0.tunnels = [:]
            $0.interfaces = [:]
            $0.refusals = [.applyTunnel: Refusal(.kernel, "no device", errno: 19)]
        }
        try await plane.reconcile()
        #expect(value(#"aifw_reconcile_repairs_total{kind="tunnel"}"#) == "\(repaired + 1)")
        #expect(value(#"aifw_reconcile_repair_failures_total{kind="tunnel"}"#) == "1")
    }

    @Test func `transactions that reach the disk are counted`() async throws {
        let store = try Store(path: fixture.folder + "/other.db", meters: Meters(factory: registry))
        try await store.write { _ = try $0.insert(try TunnelRecord.sample(), by: .tester) }
        #expect(value("aifw_store_commits_total") == "1" && value("aifw_store_commit_failures_total") == "0")
        try await store.write { _ in }
        #expect(value("aifw_store_commits_total") == "2")
        try store.close()
        await #expect(throws: (any Error).self) { try await store.write { _ in } }
        #expect(value("aifw_store_commits_total") == "2")
    }

    @Test func `connections are counted while they are open, over the network and over the Unix socket`() throws {
        let meter = Meters(factory: registry).connections
        for (gauge, listener) in [(meter.network, "network"), (meter.local, "local")] {
            let connections = Connections(limit: 4, logger: plane.logger, gauge: gauge)
            let channel = EmbeddedChannel()
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            let series = #"aifw_open_connections{listener="\#(listener)"}"#
            #expect(value(series) == "0.0")
            #expect(connections.admit(channel, of: .v4(0xC000_0201)))
            #expect(value(series) == "1.0")
            _ = try channel.finish()
            #expect(value(series) == "0.0")
        }
    }

    @Test func `metrics do not tell who has an account`() async throws {
        let table = Router.table(Handlers(plane: plane, publicEndpoint: nil))
        let (store, meters) = (fixture.store, Meters(factory: registry))
        func counts() -> [String?] {
            ["credentials", "throttled"].map { value(#"aifw_login_failures_total{reason="\#($0)"}"#) }
        }
        try await LiveServer.with(table, verifier: store, meters: meters) { server in
            let json = ["-H", "Content-Type: application/json", "-d"]
            let user = #"{"username":"alice","password":"\#(AccountServer.password)","scopes":["vpn:read"]}"#
            let made = try await server.local("/api/v1/users", json + [user])
            #expect(made.status == 201)
            for name in ["alice", "nobody"] {
                let body = #"{"username":"\#(name)","password":"wrong and wrong"}"#
                let refused = try await server.remote("/api/v1/auth/login", json + [body])
                #expect(refused.status == 401)
            }
        }
        #expect(counts() == ["2", "0"])
    }

    @Test func `a scrape needs a scope, is text of its own version, and takes one question`() async throws {
        let meters = Meters(factory: registry)
        let table = Router.table(
            Handlers(plane: plane, publicEndpoint: nil, monitoring: Monitoring(registry: registry)))
        let store = fixture.store
        try await LiveServer.with(table, verifier: store, meters: meters) { server in
            #expect(try await server.remote("/metrics").status == 401)
            #expect(try await server.remote("/nothing/here").status == 404)
            #expect(
                try await server.remote(
                    "/api/v1/auth/login", "-H", "Content-Type: application/json", "-d",
                    #"{"username":"nobody","password":"wrong and wrong"}"#
                ).status == 401)
            let answer = try await server.local("/metrics")
            #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.body.contains("\naifw_helper_up 0\n") && !answer.body.contains("aifw_peers"))
            #expect(answer.body.contains("\naifw_login_failures_total{reason=\"credentials\"} 1\n"))
            #expect(answer.body.contains("\naifw_open_connections{listener=\"local\"} 1.0\n"))
            for (method, route, status) in [
                ("GET", "/metrics", 401), ("GET", "none", 404), ("POST", "/api/v1/auth/login", 401),
            ] {
                let labels = #"http_request_method="\#(method)",http_route="\#(route)""#
                let series = #"duration_seconds_count{\#(labels),http_response_status_code="\#(status)"} 1"#
                #expect(answer.body.contains(series), "\(series)")
            }
            #expect(try await server.local("/metrics?peers=true").status == 200)
            for query in ["peers=maybe", "peers", "peer=true", "peers=true&peers=true"] {
                #expect(try await server.local("/metrics?" + query).status == 422, "\(query)")
            }
        }
    }
}
