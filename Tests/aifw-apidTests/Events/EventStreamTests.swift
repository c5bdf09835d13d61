import Testing
import Wire

@testable import aifw_apid

/// Streams of a live server, spoken to by curl(1).
@Suite struct EventStreamTests {
    /// A server with events only, whose hub runs, over a store of its own.
    private func with(
        timeouts: Timeouts = Timeouts(),
        _ body: @escaping @Sendable (LiveServer, StoreFixture, EventHub) async throws -> Void
    ) async throws {
        let fixture = try StoreFixture()
        let hub = EventHub(store: fixture.store)
        let table: [Route] = [.get("/api/v1/events", .vpnRead, Events(hub: hub).get)]
        try await LiveServer.with(table, verifier: fixture.store, timeouts: timeouts) { server in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await hub.run() }
                try await body(server, fixture, hub)
                tasks.cancelAll()
            }
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `what is in the log comes over every listener, and the answer ends where that is asked`(
        version: String
    ) async throws {
        try await with { server, fixture, _ in
            let token = BearerToken.random()
            _ = try await fixture.store.create(
                NewToken(
                    id: .random(), name: try ObjectName("reader"), scopes: .vpnRead, expiresAt: nil, hash: token.hash),
                by: .tester)
            let tunnel = try await fixture.tunnel()
            let path = "/api/v1/events?follow=false&last_event_id=0"
            let remote = try await server.remote(path, version, "-H", "Authorization: Bearer \(token.secret)")
            #expect(remote.status == 200 && remote.headers["content-type"] == "text/event-stream")
            #expect(remote.headers["cache-control"] == "no-store" && remote.headers["x-accel-buffering"] == "no")
            #expect(remote.headers["connection"] == (version == "--http2" ? nil : "close"))
            #expect(remote.body.hasPrefix("retry: 2000\nid: 0\n\nevent: change\nid: 2\n"))
            #expect(remote.body.contains("\(tunnel.id)") && !remote.body.contains("\"token\""))
            #expect(try await server.local(path).body.contains("\"type\":\"token\""))
            let head = try await server.remote(
                "/api/v1/events", version, "--head", "-H", "Authorization: Bearer \(token.secret)")
            #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream")
            #expect(head.body.isEmpty)
        }
    }

    @Test func `the two ways to say where it goes on must say the same, and a query that is not known is refused`()
        async throws
    {
        try await with { server, _, _ in
            let path = "/api/v1/events?follow=false"
            let differing = try await server.local(path + "&last_event_id=1", "-H", "Last-Event-ID: 2")
            #expect(try differing.problem == "invalid")
            #expect(try await server.local(path + "&last_event_id=0", "-H", "Last-Event-ID: 0").status == 200)
            #expect(try await server.local(path, "-H", "Last-Event-ID: nonsense").body.contains("event: reset"))
            #expect(try await server.local(path + "&since=1").status == 422)
        }
    }

    @Test func `all streams end when the hub is told to, and each gives its place back`() async throws {
        try await with { server, fixture, hub in
            async let answer = server.local("/api/v1/events?last_event_id=0")
            while !hub.isWatched { await Task.yield() }
            let tunnel = try await fixture.tunnel()
            let other = Task { try await hub.run() }
            other.cancel()
            try await other.value
            #expect(try await answer.status == 200)
            while hub.isWatched { await Task.yield() }
            // One that comes later ends at once.
            let late = try await server.local("/api/v1/events?last_event_id=0")
            #expect(late.status == 200)
            #expect(!late.body.contains("\(tunnel.id)"))
        }
    }

    @Test func `a client that closes its half of the connection has gone`() async throws {
        try await with { server, _, hub in
            let request = "GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n"
            try await RawConnection.hold(request, at: server.socket) {
                while !hub.isWatched { await Task.yield() }
            }
            while hub.isWatched { await Task.yield() }
        }
    }
}
