import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// A server with the whole table and idempotency keys, over a store of its own and a stand-in for the helper.
struct TunnelServer: Sendable {
    let server: LiveServer
    let helper: HelperStandIn
    let fixture: StoreFixture
    let plane: ControlPlane

    static let path = "/api/v1/vpn/wg"

    static func with(_ body: @escaping @Sendable (TunnelServer) async throws -> Void) async throws {
        let fixture = try StoreFixture()
        let helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let plane = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: logger)
        let table = Router.table(Handlers(plane: plane, publicEndpoint: try PublicEndpoint("vpn.example.org")))
        let idempotency = Idempotency(store: fixture.store, logger: logger)
        try await LiveServer.with(table, verifier: fixture.store, idempotency: idempotency) { server in
            try await body(TunnelServer(server: server, helper: helper, fixture: fixture, plane: plane))
        }
    }

    /// - Parameter path: what follows `/api/v1/vpn/wg`.
    func ask(_ method: String, _ path: String, _ body: String? = nil, _ headers: String...) async throws -> Answer {
        try await ask(method, path, body, headers)
    }

    func ask(_ method: String, _ path: String, _ body: String?, _ headers: [String]) async throws -> Answer {
        var arguments = ["-X", method]
        if let body { arguments += ["-H", "Content-Type: application/json", "--data-binary", body] }
        for header in headers { arguments += ["-H", header] }
        return try await server.local(Self.path + path, arguments)
    }

    /// The same, with `meanwhile` done before the helper's answer to the next request of a kind is there.
    func ask(
        _ method: String, _ path: String, _ body: String? = nil, holding kind: Request.Kind,
        _ meanwhile: () async throws -> Void
    ) async throws -> Answer {
        let gate = Gate()
        helper.state.withLock { $0.gates[kind] = gate }
        async let answer = ask(method, path, body, [])
        await gate.hasWaiter()
        do {
            try await meanwhile()
        } catch {
            // Nobody is held up for ever.
            gate.open()
            throw error
        }
        gate.open()
        return try await answer
    }

    /// The same with an idempotency key.
    func post(_ path: String, _ body: String?, key: String, _ headers: String...) async throws -> Answer {
        try await ask("POST", path, body, ["Idempotency-Key: \(key)"] + headers)
    }

    /// A tunnel, and its path behind ``path``.
    func tunnel(
        _ name: String = "office", address: String = "10.0.0.1/24", isEnabled: Bool = false
    ) async throws -> (id: ObjectID, path: String) {
        let body = #"{"name":"\#(name)","address":"\#(address)","enabled":\#(isEnabled)}"#
        let answer = try await ask("POST", "", body)
        #expect(answer.status == 201, "\(answer.body)")
        let id = try ObjectID(json: try #require(try answer.json["data"]?["id"]))
        return (id, "/\(id)")
    }

    /// The names of a tunnel's peers, in the order in which they were made (the clock may stand still).
    func names(in tunnel: ObjectID) async throws -> [String] {
        try await fixture.store.read { transaction in
            var peers: [PeerRecord] = []
            try transaction.forEachPeer(of: tunnel) { peers.append($0) }
            return peers.sorted { $0.stamp.revision < $1.stamp.revision }.map(\.name.description)
        }
    }

    /// What the log says was done, the oldest first.
    func log() async throws -> [AuditAction] {
        try await fixture.store.read { try $0.changes(after: 0, limit: 1000).map(\.action) }
    }
}
