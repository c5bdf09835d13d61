import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct ImportTests {
    private static let key = WireGuardQuickFileTests.key
    private static let peer = WireGuardQuickFileTests.peer

    private static func file(
        _ address: String = "10.0.0.1/24", key: String = key, _ more: String = "", peers: String = ""
    ) -> String {
        "[Interface]\nPrivateKey = \(key)\nAddress = \(address)\n\(more)\n\(peers)"
    }

    private static func body(_ members: (String, String)...) -> String {
        JSON.object(members.map { .init(name: $0.0, value: .text($0.1)) }).serialized.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func body(files: [(String, String)]) -> String {
        let list = JSON.array(files.map { ["file": .text($0.0), "config": .text($0.1)] })
        return JSON.object([.init(name: "files", value: list)]).serialized.withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func randomKey() -> String { PublicKey.random().description }

    @Test func `a file becomes a tunnel that is down, with all that it says and the next free port`() async throws {
        try await TunnelServer.with { server in
            _ = try await server.tunnel("first", address: "10.9.0.1/24")
            let peers =
                "# laptop\n[Peer]\nPublicKey = \(Self.peer)\nPresharedKey = \(Self.peer)\n"
                + "AllowedIPs = 10.0.0.2\nPersistentKeepalive = 25\nEndpoint = 192.0.2.7:51820\n"
            let settings = "DNS = 10.0.0.1\nMTU = 1380\nFwMark = 7\nPostUp = secret words"
            let text = Self.file("10.0.0.1/24", settings, peers: peers)
            let answer = try await server.ask("POST", "/import", Self.body(("name", "office"), ("config", text)))
            #expect(answer.status == 201, "\(answer.body)")
            let made = try #require(try answer.json["data"]?.elements?.first)
            let tunnel = try #require(made["tunnel"])
            #expect(tunnel["name"] == "office" && tunnel["interface"] == "wg1" && tunnel["listen_port"] == 51821)
            #expect(tunnel["address"] == "10.0.0.1/24" && tunnel["dns"] == "10.0.0.1" && tunnel["mtu"] == 1380)
            #expect(tunnel["fwmark"] == 7 && tunnel["enabled"] == false && tunnel["status"] == "down")
            #expect(tunnel["peer_count"] == 1 && made["file"] == .null)
            let peer = try #require(made["peers"]?.elements?.first)
            #expect(peer["name"] == "laptop" && peer["public_key"] == .text(Self.peer))
            #expect(peer["has_preshared_key"] == true && peer["has_private_key"] == false)
            #expect(peer["allowed_ips"] == ["10.0.0.2/32"] && peer["endpoint"] == "192.0.2.7:51820")
            #expect(peer["persistent_keepalive"] == 25)
            let warnings = try answer.json["warnings"]?.elements?.compactMap(\.text)
            #expect(warnings?.map { $0.prefix { $0 != ":" } } == ["config line 7", "config line 4"])
            #expect(!answer.body.contains("secret words") && !answer.body.contains(Self.key))
            let id = try ObjectID(json: try #require(tunnel["id"]))
            #expect(answer.headers["location"] == "\(TunnelServer.path)/\(id)")
            let stored = try await server.ask("GET", "/\(id)")
            #expect(try stored.json["data"] == tunnel)
            let listed = try await server.ask("GET", "/\(id)/peers")
            #expect(try listed.json["data"] == made["peers"])
            #expect(try await server.log() == [.create, .importing, .importing])
            let changes = try await server.fixture.store.read { try $0.changes(after: 1, limit: 9).map(\.changes) }
            #expect(changes[0]?["mtu"] == ["from": .null, "to": 1380] && changes[0]?["private_key"] == "set")
            #expect(changes[1]?["preshared_key"] == "set" && changes[1]?["private_key"] == nil)
        }
    }

    @Test func `a dry run answers the same and neither stores nor seals anything`() async throws {
        try await TunnelServer.with { server in
            let body = Self.body(files: [
                ("wg7.conf", Self.file()), ("b.conf", Self.file("10.1.0.1/24", key: Self.peer)),
            ])
            let dry = try await server.ask("POST", "/import?dry_run=true", body)
            #expect(dry.status == 200, "\(dry.body)")
            #expect(!server.helper.state.withLock { $0.asked.contains { $0.kind == .seal } })
            #expect(try await server.log() == [])
            let real = try await server.ask("POST", "/import?dry_run=false", body)
            #expect(real.status == 201 && real.headers["location"] == TunnelServer.path)
            for answer in [dry, real] {
                let made = try answer.json["data"]?.elements ?? []
                #expect(made.map { $0["tunnel"]?["name"] } == ["wg7", "b"])
                #expect(made.map { $0["tunnel"]?["interface"] } == ["wg7", "wg0"])
                #expect(made.map { $0["tunnel"]?["listen_port"] } == [51820, 51821])
                #expect(made.map { $0["file"] } == ["wg7.conf", "b.conf"])
            }
            let keys = try [dry, real].map { try $0.json["data"]?.elements?.map { $0["tunnel"]?["public_key"] } }
            #expect(keys[0] == keys[1])
            #expect(try dry.json["data"]?.elements?.first?["tunnel"]?["id"] == .text("\(ObjectID(bits: 0))"))
        }
    }

    @Test func `text is one file, named by the query or after its interface`() async throws {
        try await TunnelServer.with { server in
            func send(_ query: String, _ text: String) async throws -> Answer {
                try await server.server.local(
                    TunnelServer.path + "/import" + query,
                    ["-X", "POST", "-H", "Content-Type: text/plain; charset=utf-8", "--data-binary", text])
            }
            let named = try await send("?name=my%20office&interface=wg9", Self.file())
            #expect(named.status == 201, "\(named.body)")
            #expect(try named.json["data"]?.elements?.first?["tunnel"]?["interface"] == "wg9")
            let plain = try await send("", Self.file("10.1.0.1/24", key: Self.peer))
            #expect(try plain.json["data"]?.elements?.first?["tunnel"]?["name"] == "wg0")
            #expect(try await send("?name=", Self.file()).problem == "invalid")
            let answer = try await server.ask("POST", "/import?name=a", Self.body(("config", Self.file())))
            #expect(try answer.faults.keys.sorted() == ["name"])
        }
    }

    @Test func `all faults of all files are told with their lines, and nothing is made`() async throws {
        try await TunnelServer.with { server in
            _ = try await server.tunnel("there", address: "10.9.0.1/24")
            let body = Self.body(files: [
                ("a.conf", Self.file("10.0.0.1/24", "Jc = 4")),
                ("b.conf", Self.file("127.0.0.1/24", key: Self.peer, "ListenPort = 51820")),
                (
                    "c.conf",
                    Self.file("10.9.0.2/16", key: Self.peer, peers: "[Peer]\nAllowedIPs = 10.9.0.2\nPublicKey = x")
                ),
                ("there.conf", Self.file("10.8.0.1/24", key: WireGuardQuickFileTests.other)),
                ("there.conf", Self.file("10.8.9.1/16", key: Self.peer)),
                (" .conf", Self.file("10.7.0.1/24", key: Self.randomKey())),
            ])
            let answer = try await server.ask("POST", "/import", body)
            #expect(answer.status == 422, "\(answer.body)")
            let faults = try answer.faults
            #expect(
                faults.keys.sorted() == [
                    "a.conf line 4", "b.conf line 3", "b.conf line 4", "c.conf line 7", "files[3].name",
                    "files[4].name", "files[5].name", "there.conf line 2", "there.conf line 3",
                ])
            #expect(faults["b.conf line 4"]?.contains("is in use by tunnel \"there\"") == true)
            #expect(faults["files[4].name"]?.contains("there.conf of this request") == true)
            #expect(try await server.log() == [.create])
        }
    }

    @Test func `only clashes with what is there are 409`() async throws {
        try await TunnelServer.with { server in
            _ = try await server.tunnel("there", address: "10.9.0.1/24")
            let one = try await server.ask("POST", "/import", Self.body(("name", "there"), ("config", Self.file())))
            #expect(try one.status == 409 && one.problem == "name-in-use" && one.faults.keys.sorted() == ["name"])
            let both = try await server.ask(
                "POST", "/import",
                Self.body(("name", "there"), ("interface", "wg0"), ("config", Self.file("10.9.0.7/16"))))
            #expect(try both.problem == "conflict" && both.status == 409)
            #expect(try both.faults.keys.sorted() == ["config line 3", "interface", "name"])
            let five = try TunnelInterface(number: 5)
            server.helper.state.withLock { $0.foreign = [five] }
            let foreign = try await server.ask(
                "POST", "/import", Self.body(("interface", "wg5"), ("config", Self.file())))
            #expect(try foreign.problem == "interface-in-use")
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"config":1}"#, #"{"config":null}"#, #"{"files":[]}"#, #"{"files":null}"#, #"{"files":[{}]}"#,
        #"{"files":[1]}"#, #"{"files":[],"config":""}"#, #"{"config":"","file":"a/b"}"#, #"{"config":""}"#,
    ])
    func `a body that is none is refused`(body: String) async throws {
        try await TunnelServer.with { server in
            let answer = try await server.ask("POST", "/import", body)
            #expect(answer.status == 422, "\(answer.body)")
        }
    }

    @Test func `a tunnel of everything says what is not done for it`() async throws {
        try await TunnelServer.with { server in
            let peers =
                "[Peer]\nPublicKey = \(Self.peer)\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = 192.0.2.7:51820\n"
                + "[Peer]\nPublicKey = \(WireGuardQuickFileTests.other)\nAllowedIPs = 192.168.7.0/24\n"
            let body = Self.body(("config", Self.file("10.0.0.2/32", peers: peers)))
            let answer = try await server.ask("POST", "/import", body)
            #expect(answer.status == 201, "\(answer.body)")
            let warnings = try answer.json["warnings"]?.elements?.compactMap(\.text) ?? []
            #expect(warnings.count == 4 && warnings[0].contains("no default route is ever installed"))
            #expect(warnings[2].contains("nothing within 10.0.0.2/32") && warnings[3].contains("overlaps"))
        }
    }
}
