import FilterRules
import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// The anchor as a client of the API sees it, and what starting and stopping a tunnel does to it.
struct RulesTests {
    private func with(
        _ body: @escaping @Sendable (LiveServer, HelperStandIn, ControlPlane) async throws -> Void
    ) async throws {
        let fixture = try StoreFixture()
        let helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        let plane = ControlPlane(
            store: fixture.store, helperSocket: helper.path,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await LiveServer.with(
            Router.table(Handlers(plane: plane, publicEndpoint: nil)), verifier: fixture.store
        ) { server in
            try await body(server, helper, plane)
        }
    }

    private func tunnel(_ body: String, on server: LiveServer) async throws -> String {
        let made = try await server.local(
            "/api/v1/vpn/wg", "-H", "Content-Type: application/json", "-d", body)
        #expect(made.status == 201, "\(made.body)")
        return try #require(try made.json["data"]?["id"]?.text)
    }

    @Test func `a tunnel's rules are there when it was started, and gone when it was stopped or deleted`() async throws
    {
        try await with { server, helper, _ in
            let id = try await tunnel(
                #"{"name":"office","address":"10.0.0.1/24","listen_interface":"eth0"}"#, on: server)
            #expect(helper.state.withLock { $0.rules.isEmpty })
            let path = "/api/v1/vpn/wg/\(id)"
            for end in [("POST", "\(path)/stop"), ("DELETE", path)] {
                helper.forgetRequests()
                #expect(try await server.local("\(path)/start", "-X", "POST").status == 200)
                #expect(helper.kinds.suffix(2) == [.applyTunnel, .applyRules])
                #expect(helper.state.withLock { $0.rules.count } == 2)
                helper.forgetRequests()
                #expect(try await server.local(end.1, "-X", end.0).status == 200)
                #expect(helper.kinds == [.applyRules, .removeTunnel])
                #expect(helper.state.withLock { $0.rules.isEmpty })
            }
        }
    }

    @Test func `what one more tunnel asks is about itself, and its interface is none that somebody else has`()
        async throws
    {
        try await with { server, helper, plane in
            try await plane.connectWriter()
            helper.state.withLock { $0.foreign = [try! TunnelInterface("wg0"), try! TunnelInterface("wg1")] }
            helper.forgetRequests()
            _ = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            let asked = helper.state.withLock(\.asked).compactMap { request -> Inventory.Scope? in
                if case .inventory(let inventory) = request { inventory.scope } else { nil }
            }
            let interfaces = try ["wg0", "wg1", "wg2", "wg2"].map { Inventory.Scope.interface(try TunnelInterface($0)) }
            #expect(asked == [.networks([try Prefix("10.0.0.0/24")])] + interfaces)
        }
    }

    @Test func `a change of a running tunnel sends rules only where they differ`() async throws {
        try await with { server, helper, _ in
            let id = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            func patch(_ body: String) async throws -> [Request.Kind] {
                helper.forgetRequests()
                let answer = try await server.local(
                    "/api/v1/vpn/wg/\(id)", "-X", "PATCH", "-H", "Content-Type: application/json", "-d", body)
                #expect(answer.status == 200)
                #expect(try answer.json["warnings"] == nil)
                return helper.kinds.filter { $0 != .inventory }
            }
            #expect(try await patch(#"{"name":"other"}"#) == [])
            #expect(try await patch(#"{"mtu":1380}"#) == [.applyTunnel])
            #expect(try await patch(#"{"listen_port":443}"#) == [.applyRules, .applyTunnel, .applyRules])
            #expect(try await patch(#"{"listen_interface":"eth0"}"#) == [.applyRules, .applyRules])
            let port = try Port(443)
            let interface = try InterfaceName("eth0")
            let owner = try ObjectID(id)
            #expect(helper.state.withLock { $0.rules.contains(.listenPort(owner: owner, port: port, on: interface)) })
            #expect(helper.state.withLock { $0.rules.count } == 2)
        }
    }

    @Test func `a tunnel whose rules the filter refuses is not started`() async throws {
        try await with { server, helper, plane in
            let id = try await tunnel(#"{"name":"office","address":"10.0.0.1/24"}"#, on: server)
            helper.state.withLock { $0.refusals[.applyRules] = Refusal(.filter, "no such table") }
            let answer = try await server.local("/api/v1/vpn/wg/\(id)/start", "-X", "POST")
            #expect(answer.status == 502)
            #expect(answer.body.contains("no such table"))
            #expect(helper.state.withLock { $0.interfaces.isEmpty })
            #expect(try await !plane.store.read { try $0.tunnels()[0].isEnabled })
        }
    }

    @Test func `an anchor that somebody has flushed does not keep a tunnel from being started or stopped`() async throws
    {
        try await with { server, helper, _ in
            let first = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            let second = try await tunnel(#"{"name":"branch","address":"10.1.0.1/24"}"#, on: server)
            let flush = { helper.state.withLock { ($0.rules, $0.isAnchorWhole) = ([], false) } }
            flush()
            #expect(try await server.local("/api/v1/vpn/wg/\(second)/start", "-X", "POST").status == 200)
            #expect(helper.state.withLock { $0.rules.count } == 4)
            flush()
            #expect(try await server.local("/api/v1/vpn/wg/\(first)/stop", "-X", "POST").status == 200)
            #expect(helper.state.withLock { $0.rules.count } == 2)
        }
    }

    @Test func `rules that can't be loaded show as the status of every tunnel that is enabled`() async throws {
        try await with { server, helper, plane in
            let id = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            let off = try await tunnel(#"{"name":"off","address":"10.0.1.1/24"}"#, on: server)
            helper.state.withLock { state in
                state.rules = []
                state.refusals[.applyRules] = Refusal(.filter, "no such table")
            }
            try await plane.reconcile()
            let shown = try await server.local("/api/v1/vpn/wg/\(id)").json["data"]
            #expect(shown?["status"] == "error")
            #expect(shown?["status_detail"]?.text?.contains("no such table") == true)
            let list = try await server.local("/api/v1/vpn/wg").json["data"]?.elements ?? []
            let words = Dictionary(uniqueKeysWithValues: list.map { ($0["id"]?.text, $0["status"]?.text) })
            #expect(words == [id: "error", off: "down"])
            helper.state.withLock { $0.refusals = [:] }
            try await plane.reconcile()
            let after = try await server.local("/api/v1/vpn/wg/\(id)").json["data"]
            #expect(after?["status"] == "up")
        }
    }

    @Test func `rules are listed with whose they are, and whether they are loaded`() async throws {
        try await with { server, helper, plane in
            let id = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            _ = try await tunnel(#"{"name":"off","address":"10.0.1.1/24"}"#, on: server)
            let record = try AssociationRecord.between(
                "192.0.2.1", "198.51.100.7", networks: ("10.1.0.0/16", "10.2.0.0/16"))
            _ = try await plane.store.write { try $0.insert(record, by: .tester) }
            let list = try await server.local("/api/v1/vpn/rules").json
            #expect(list["total"] == 5 && list["filter"] == "nftables" && list["warnings"] == nil)
            let office: JSON = ["type": "tunnel", "id": .text(id), "name": "office"]
            let site: JSON = ["type": "association", "id": record.id.json, "name": "association 1"]
            // The clock stands still, so their owners are of one age.
            let data = try #require(list["data"]?.elements)
            #expect(
                data.filter { $0["object"] == office } + data.filter { $0["object"] == site } == [
                    ["kind": "listen-port", "object": office, "loaded": true, "port": 51820],
                    ["kind": "tunnel-traffic", "object": office, "loaded": true, "interface": "wg0"],
                    [
                        "kind": "protected-packets", "object": site, "loaded": false, "protocol": "esp",
                        "local": "192.0.2.1", "remote": "198.51.100.7",
                    ],
                    [
                        "kind": "key-exchange", "object": site, "loaded": false, "local": "192.0.2.1",
                        "remote": "198.51.100.7",
                    ],
                    [
                        "kind": "inner-traffic", "object": site, "loaded": false, "local": "10.1.0.0/16",
                        "remote": "10.2.0.0/16",
                    ],
                ])
            let port = try Port(4444)
            let stray = PassRule.listenPort(owner: .random(), port: port, on: nil)
            helper.state.withLock { state in
                state.rules.insert(stray)
                state.isAnchorWhole = false
            }
            let warnings = try await server.local("/api/v1/vpn/rules").json["warnings"]?.elements
            #expect(warnings?.count == 2)
            let part = try #require(stray.parts(with: .nftables).first)
            #expect(warnings?.last?.text?.hasPrefix(part) == true)
        }
    }

    @Test(arguments: ["pf", "nft"])
    func `rules can be had as text, which says where it is not what is loaded`(format: String) async throws {
        try await with { server, helper, plane in
            _ = try await tunnel(#"{"name":"office","address":"10.0.0.1/24","enabled":true}"#, on: server)
            let rules = try await plane.store.read { try $0.passRules() }
            let text = format == "pf" ? PFText.anchor(rules) : NftablesText.script(rules)
            let answer = try await server.local("/api/v1/vpn/rules?format=\(format)")
            #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(answer.body == text)
            helper.state.withLock { $0.rules = [] }
            let second = try await server.local("/api/v1/vpn/rules?format=\(format)")
            #expect(second.body == "# 2 of these 2 rules are not loaded; it is being put right.\n" + text)
        }
    }

    @Test func `another format is 422, and without the helper nothing is claimed`() async throws {
        try await with { server, helper, _ in
            let unknown = try await server.local("/api/v1/vpn/rules?format=ipfw")
            #expect(unknown.status == 422)
            helper.stop()
            let alone = try await server.local("/api/v1/vpn/rules")
            #expect(alone.status == 503)
        }
    }
}
