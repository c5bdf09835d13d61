import Foundation
import Testing

@Suite struct `The other commands` {
    private let api = FakeAPI(Fixtures.daemon)

    @Test(arguments: [
        ("vpn wg-start office", "Tunnel started\n"), ("vpn wg-stop office", "Tunnel stopped\n"),
        ("vpn remove laptop", "Peer deleted\n"), ("vpn remove office", "Tunnel deleted\n"),
        ("vpn wg-config --tunnel office laptop", "[Interface]\nAddress = 10.0.0.2/32\n"),
        ("vpn wg-config --tunnel office laptop --split", "[Interface]\n# split\n"),
        ("vpn wg-config --tunnel office laptop --json", "{\"full_tunnel\":\"a\",\"split_tunnel\":\"b\"}\n"),
        ("vpn wg-start office --json", "{\"message\":\"Tunnel started\"}\n"),
        ("token create --name ci", "aifw_x\n"), ("token revoke ci", "Token revoked\n"),
    ])
    func `a name will do for an id, and the answer is printed`(line: String, output: String) throws {
        let result = try Program.run(line, api: api)
        #expect(result.output == output)
        #expect(result.status == 0)
    }

    @Test func `a name that can't be resolved is told beneath the status`() throws {
        let detail = "its name can't be resolved: Name or service not known"
        let api = FakeAPI { call in
            call.line.hasSuffix("/status")
                ? .json(
                    #"{"running":true,"interface":"wg0","peers":[{"name":"branch","endpoint_detail":"\#(detail)"},"#
                        + #"{"name":"laptop","endpoint_detail":null}]}"#)
                : Fixtures.daemon(call)
        }
        let result = try Program.run("vpn wg-status office", api: api)
        #expect(result.errors == "branch: \(detail)\n")
    }

    @Test func `the status tells states, ages and amounts`() throws {
        let result = try Program.run("vpn wg-status office", api: api)
        #expect(
            result.output == """
                interface   wg0
                running     yes
                port        51820
                public key  xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
                peers       2

                STATE   HANDSHAKE  RECEIVED      SENT  ENDPOINT         ALLOWED IPS              NAME
                online  12 s ago    1.5 KiB  12.3 MiB  192.0.2.7:40000  10.0.0.2/32,fd00::2/128  laptop
                never   never           0 B       0 B  -                10.0.0.3/32              phone

                """)
    }

    @Test func `peers are listed with their addresses`() throws {
        let result = try Program.run("vpn wg-peer-list --tunnel office", api: api)
        #expect(
            result.output == """
                ID                                    ENABLED  ALLOWED IPS               ENDPOINT  PUBLIC KEY                                    NAME
                7cd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a12  yes      10.0.0.2/32, fd00::2/128  -         xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=  laptop

                """)
    }

    @Test func `a name that several answer to lists them and does nothing`() throws {
        let result = try Program.run("vpn wg-stop wg0", api: api)
        #expect(result.status == 1)
        #expect(
            result.errors == """
                aifw: "wg0" may be any of these; give the id instead of the tunnel's name:
                  tunnel  5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  office  wg0
                  tunnel  6bd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a11  wg0  wg1

                """)
        #expect(api.calls.map(\.method) == ["GET"])
    }

    @Test func `a configuration file is readable by its owner only, even over one that was open to all`() throws {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).conf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(), attributes: [.posixPermissions: 0o666])
        #expect(made)
        let result = try Program.run("vpn wg-config --tunnel office laptop -o \(path)", api: api)
        #expect(result.status == 0)
        #expect(result.output == "")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "[Interface]\nAddress = 10.0.0.2/32\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func `a private key comes from a file and only from there`() throws {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).key"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try (Fixtures.key + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let line = "vpn wg-add --name a --address 10.0.0.1/24 --fwmark 0x2a --masquerade --start --private-key-file"
        #expect(try Program.run(line + " " + path, api: api).status == 0)
        #expect(
            api.calls.last?.body
                == #"{"name":"a","address":"10.0.0.1/24","fwmark":"0x2a","private_key":"\#(Fixtures.key)","#
                + #""masquerade":true,"enabled":true}"#)
        try "not a key".write(toFile: path, atomically: true, encoding: .utf8)
        let wrong = try Program.run(line + " " + path, api: api)
        #expect(wrong.status == 65)
        #expect(!wrong.errors.contains("not a key"))
        #expect(try Program.run(line + " " + path + ".missing", api: api).status == 66)
        #expect(api.calls.count == 1)
    }

    @Test func `every option of a peer reaches the body`() throws {
        let line = """
            vpn wg-peer-add --tunnel \(Fixtures.tunnelID) --name a --allowed-ips 10.0.0.9/32,10.9.0.0/16 --keepalive 25 \
            --preshared-key auto --client-routes 10.0.0.0/8 --expires 2030-01-31T12:00:00Z --disabled
            """
        #expect(try Program.run(line, api: api).status == 0)
        #expect(
            api.calls.last?.body == """
                {"name":"a","allowed_ips":["10.0.0.9/32","10.9.0.0/16"],"persistent_keepalive":25,\
                "preshared_key":"auto","client_routes":["10.0.0.0/8"],"expires_at":"2030-01-31T12:00:00Z",\
                "enabled":false}
                """)
    }

    @Test func `a token's scopes are always said, its end only if it is given`() throws {
        #expect(try Program.run("token create --name a", api: api).status == 0)
        #expect(api.calls.last?.body == #"{"name":"a","scopes":["admin"]}"#)
        let line = "token create --name a --scope vpn:read --scope vpn:secrets --expires 2030-01-31T12:00:00Z"
        #expect(try Program.run(line, api: api).status == 0)
        #expect(
            api.calls.last?.body
                == #"{"name":"a","scopes":["vpn:read","vpn:secrets"],"expires_at":"2030-01-31T12:00:00Z"}"#)
    }

    @Test func `all pages of a list are fetched and put together`() throws {
        let api = FakeAPI { call in
            call.target.contains("cursor=a%2Bb")
                ? .json(#"{"data":[\#(Fixtures.otherTunnel)],"total":2}"#)
                : .json(#"{"data":[\#(Fixtures.tunnel)],"total":2,"next_cursor":"a+b"}"#)
        }
        let result = try Program.run("vpn wg-list --json", api: api)
        #expect(result.output == #"{"data":[\#(Fixtures.tunnel),\#(Fixtures.otherTunnel)],"total":2}"# + "\n")
        #expect(api.calls.count == 2)
    }
}
