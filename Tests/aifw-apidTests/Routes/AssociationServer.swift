import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// A server with the whole table, over a store of its own and a stand-in for the helper.
struct AssociationServer: Sendable {
    let server: LiveServer
    let helper: HelperStandIn
    let fixture: StoreFixture
    let plane: ControlPlane

    static let path = "/api/v1/vpn/ipsec"
    /// The manual's.
    static let manual =
        #"{"name":"office-to-dc","src_addr":"203.0.113.1","dst_addr":"198.51.100.1","#
        + #""protocol":"esp","mode":"tunnel"}"#

    static func with(_ body: @escaping @Sendable (AssociationServer) async throws -> Void) async throws {
        let fixture = try StoreFixture()
        let helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let plane = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: logger)
        try await LiveServer.with(Router.table(Handlers(plane: plane, publicEndpoint: nil))) { server in
            try await body(AssociationServer(server: server, helper: helper, fixture: fixture, plane: plane))
        }
    }

    /// - Parameter path: what follows `/api/v1/vpn/ipsec`.
    func ask(_ method: String, _ path: String = "", _ body: String? = nil, _ headers: String...) async throws -> Answer
    {
        var arguments = ["-X", method]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        for header in headers { arguments += ["-H", header] }
        return try await server.local(Self.path + path, arguments)
    }

    /// Makes one by the manual's line, with further members, and returns its id.
    func make(_ members: String = "") async throws -> String {
        let answer = try await ask("POST", "", Self.body(members))
        #expect(answer.status == 201, "\(answer.body)")
        return try #require(try answer.json["data"]?["id"]?.text)
    }

    /// The manual's body with further members, which take the place of its own.
    static func body(_ members: String) throws -> String {
        guard case .object(let own) = try JSONParser.parse(Bytes(manual.utf8)),
            case .object(let more) = try JSONParser.parse(Bytes("{\(members)}".utf8))
        else { return "" }
        let kept = own.filter { member in !more.contains { $0.name == member.name } }
        return JSON.object(kept + more).words
    }

    func record(_ id: String) async throws -> AssociationRecord {
        let id = try ObjectID(id)
        return try await fixture.store.read { try $0.association(id) }
    }

    /// What the last request to seal asked for.
    var sealed: [Seal.Item] {
        helper.state.withLock { state in
            state.asked.compactMap { if case .seal(let verb) = $0 { verb.secrets } else { nil } }.last ?? []
        }
    }

    /// Requests but those that only read.
    var changes: [Request.Kind] { helper.kinds.filter { [.applyAssociations, .applyRules, .seal].contains($0) } }
}

extension Answer {
    /// The faults of a problem, by their fields.
    var faults: [String: String] {
        get throws {
            let list = try json["errors"]?.elements ?? []
            return Dictionary(
                list.map { ($0["field"]?.text ?? "", $0["detail"]?.text ?? "") },
                uniquingKeysWith: { "\($0); \($1)" })
        }
    }
}
