import Foundation
import Testing

@Suite struct `Edits` {
    private let api = FakeAPI(Fixtures.daemon)

    private func body(_ line: [String]) throws -> String? {
        let result = try Program.run(line, api: api)
        #expect(result.status == 0, "\(result.errors)")
        #expect(api.calls.last?.method == "PATCH")
        return api.calls.last?.body
    }

    private func body(_ line: String) throws -> String? { try body(line.split(separator: " ").map(String.init)) }

    @Test func `every option of a tunnel reaches the body, and only those that are given`() throws {
        let line = """
            vpn wg-edit office --name hq --interface wg7 --port 51821 --address 10.0.0.1/16,fd00::1/64 --dns 1.1.1.1 \
            --mtu 1400 --endpoint vpn.example.org --split-routes 10.0.0.0/8 --listen-interface eth0 --fwmark 42 \
            --no-masquerade
            """
        #expect(
            try body(line) == """
                {"name":"hq","interface":"wg7","listen_port":51821,"address":"10.0.0.1/16,fd00::1/64",\
                "dns":"1.1.1.1","mtu":1400,"endpoint":"vpn.example.org","split_routes":"10.0.0.0/8",\
                "listen_interface":"eth0","fwmark":42,"masquerade":false}
                """)
        #expect(try body("vpn wg-edit office --masquerade") == #"{"masquerade":true}"#)
        #expect(api.calls.last?.line == "PATCH /api/v1/vpn/wg/\(Fixtures.tunnelID)")
        #expect(try body("vpn wg-edit office --fwmark 0x2a") == #"{"fwmark":"0x2a"}"#)
    }

    @Test(arguments: [
        (["--clear", "dns,endpoint"], #"{"dns":null,"endpoint":null}"#),
        (["--clear", "mtu", "--clear", "fwmark"], #"{"mtu":null,"fwmark":null}"#),
        (["--clear=split-routes,listen-interface"], #"{"split_routes":null,"listen_interface":null}"#),
        (["--dns", "", "--fwmark", ""], #"{"dns":null,"fwmark":null}"#),
        (["--name", ""], #"{"name":""}"#),
    ])
    func `what is cleared is null; an empty text clears what can be cleared`(options: [String], sent: String) throws {
        #expect(try body(["vpn", "wg-edit", "office"] + options) == sent)
    }

    @Test func `the tunnel is shown as it is then, with warnings and what to do next`() throws {
        let result = try Program.run("vpn wg-edit office --port 51820", api: api)
        #expect(
            result.output == """
                id          5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10
                name        office
                interface   wg0
                address     10.0.0.1/24
                port        51820
                public key  xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
                MTU         1420
                state       up

                """)
        #expect(
            result.errors == """
                aifw: warning: 1 peer is outside.
                Give the clients their configurations anew: aifw vpn wg-config --tunnel \(Fixtures.tunnelID) <peer> -o peer.conf

                """)
        #expect(try !Program.run("vpn wg-edit office --mtu 1400", api: api).errors.contains("anew"))
    }

    @Test func `every option of a peer reaches the body, and only those that are given`() throws {
        let line = """
            vpn wg-peer-edit --tunnel office laptop --name b --allowed-ips 10.0.0.9/32,10.9.0.0/16 --keepalive 25 \
            --endpoint 192.0.2.1:1 --client-routes 10.0.0.0/8 --expires 2030-01-31T12:00:00Z --pubkey k \
            --preshared-key auto
            """
        #expect(
            try body(line) == """
                {"name":"b","public_key":"k","endpoint":"192.0.2.1:1","allowed_ips":["10.0.0.9/32","10.9.0.0/16"],\
                "persistent_keepalive":25,"preshared_key":"auto","client_routes":["10.0.0.0/8"],\
                "expires_at":"2030-01-31T12:00:00Z"}
                """)
        #expect(api.calls.last?.line == "PATCH /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)")
    }

    @Test(arguments: [
        (
            ["--clear", "endpoint,keepalive,preshared-key,client-routes,expires"],
            #"{"endpoint":null,"persistent_keepalive":null,"preshared_key":null,"client_routes":null,"expires_at":null}"#
        ),
        (["--preshared-key", "none"], #"{"preshared_key":null}"#),
        (["--client-routes", ""], #"{"client_routes":null}"#),
        (["--allowed-ips", "auto"], #"{"allowed_ips":"auto"}"#), (["--allowed-ips", ""], #"{"allowed_ips":[""]}"#),
    ])
    func `a peer's fields are cleared in the same ways`(options: [String], sent: String) throws {
        #expect(try body(["vpn", "wg-peer-edit", "--tunnel", "office", "laptop"] + options) == sent)
    }

    @Test func `the peer is shown as it is then`() throws {
        let result = try Program.run("vpn wg-peer-edit --tunnel office laptop --preshared-key auto", api: api)
        #expect(
            result.output == """
                id              7cd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a12
                name            laptop
                enabled         yes
                allowed IPs     10.0.0.2/32, fd00::2/128
                public key      xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
                pre-shared key  no
                keepalive       25

                """)
        let config = "aifw vpn wg-config --tunnel \(Fixtures.tunnelID) \(Fixtures.peerID) -o peer.conf"
        #expect(result.errors == "Fetch its configuration anew: \(config)\n")
    }

    @Test(arguments: [
        "vpn wg-edit office --private-key-file", "vpn wg-peer-edit --tunnel office laptop --preshared-key-file",
    ])
    func `a key comes from a file`(line: String) throws {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try (Fixtures.key + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let field = line.contains("peer") ? "preshared_key" : "private_key"
        #expect(try body("\(line) \(path)") == #"{"\#(field)":"\#(Fixtures.key)"}"#)
    }

    @Test(arguments: [("enable", "true", "Peer enabled\n"), ("disable", "false", "Peer disabled\n")])
    func `a peer is admitted and shut out`(word: String, value: String, output: String) throws {
        let result = try Program.run("vpn wg-peer-\(word) --tunnel office laptop", api: api)
        #expect(result.output == output)
        #expect(result.errors == "")
        #expect(api.calls.last?.line == "PATCH /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)")
        #expect(api.calls.last?.body == #"{"enabled":\#(value)}"#)
        let json = try Program.run("vpn wg-peer-\(word) --tunnel office laptop --json", api: api)
        #expect(json.output == #"{"data":\#(Fixtures.peer)}"# + "\n")
    }

    @Test func `an expired peer that is to be admitted is told by which option`() throws {
        let api = FakeAPI { call in
            guard call.method == "PATCH" else { return Fixtures.daemon(call) }
            return .problem(
                409,
                #"{"title":"No","errors":[{"field":"enabled","detail":"it has expired"},{"field":"expires_at","detail":"is past"}]}"#
            )
        }
        let result = try Program.run("vpn wg-peer-enable --tunnel office laptop", api: api)
        #expect(result.status == 1)
        #expect(result.errors == "aifw: No\n  enabled: it has expired\n  wg-peer-edit --expires: is past\n")
    }

    @Test func `a peer is removed from the tunnel that is named`() throws {
        let result = try Program.run("vpn wg-peer-remove --tunnel wg0 laptop", api: FakeAPI(Fixtures.daemon))
        #expect(result.status == 1)
        let removed = try Program.run("vpn wg-peer-remove --tunnel office laptop", api: api)
        #expect(removed.output == "Peer deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)")
    }
}
