import Testing

@Suite struct `Users and the log` {
    private static let user =
        #"{"id":"5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10","username":"alice","scopes":["vpn:read"],"has_totp":true,"#
        + #""created_at":"2026-01-31T12:00:00Z","updated_at":"2026-01-31T12:00:00Z","last_login_at":null}"#

    private static func api() -> FakeAPI {
        FakeAPI { call in
            switch call.method {
            case "GET" where call.target.hasPrefix("/api/v1/audit"):
                .json(
                    #"{"data":[{"revision":7,"time":"2026-01-31T12:00:00Z","actor":{"kind":"user","name":"alice"},"#
                        + #""origin":"192.0.2.7","action":"update","object":{"type":"tunnel","id":"x","name":"office"},"#
                        + #""changes":{"mtu":{"from":1420,"to":1380},"dns":{"from":null,"to":"9.9.9.9"},"#
                        + #""private_key":"changed","objects":null,"peers":{"created":3,"updated":0,"deleted":1},"#
                        + #""users":{"created":0}}}],"total":1}"#)
            case "GET": .json(#"{"data":[\#(user)],"total":1}"#)
            case "DELETE": .json(#"{"message":"User deleted"}"#)
            case "POST" where call.target.hasSuffix("setup-code"):
                .json(
                    #"{"data":{"code":"ABCDE-FGHIJ-KLMNO-PQRST-UVWXYZ","expires_at":"2026-01-31T12:15:00Z"}}"#,
                    status: 201)
            default: .json(#"{"data":\#(user)}"#, status: call.method == "POST" ? 201 : 200)
            }
        }
    }

    @Test func `a set-up code stands alone on standard output`() throws {
        let api = Self.api()
        let result = try Program.run("admin setup-code", api: api)
        #expect(result.status == 0 && result.output == "ABCDE-FGHIJ-KLMNO-PQRST-UVWXYZ\n")
        #expect(result.errors.contains("2026-01-31T12:15:00Z") && result.errors.contains("/api/v1/auth/setup"))
        #expect(api.calls.map(\.line) == ["POST /api/v1/auth/setup-code"])
    }

    @Test func `a password is read from standard input, without its line break`() throws {
        let api = Self.api()
        let result = try Program.run(
            ["user", "add", "alice", "--scope", "vpn:read", "--password-stdin"], api: api, input: "correct horse\nrest")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "User added: 5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10\n")
        #expect(api.calls.map(\.line) == ["POST /api/v1/users"])
        #expect(api.calls[0].body == #"{"username":"alice","scopes":["vpn:read"],"password":"correct horse"}"#)
    }

    @Test func `without a terminal and without being told to, it does not wait for a password`() throws {
        let api = Self.api()
        let result = try Program.run(["user", "password", "alice"], api: api, input: "correct horse\n")
        #expect(result.status == 65 && result.errors.contains("--password-stdin"))
        #expect(api.calls.allSatisfy { $0.method == "GET" })
    }

    @Test(arguments: ["user add --help", "user password --help"])
    func `a password can't be given on the command line`(line: String) throws {
        let output = try Program.run(line).output
        #expect(output.contains("--password-stdin") && !output.contains("--password <"))
    }

    @Test func `a user is changed and removed by name, in upper or lower case`() throws {
        let api = Self.api()
        let path = "/api/v1/users/5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"
        #expect(try Program.run("user edit ALICE --scope admin --scope vpn:read", api: api).status == 0)
        #expect(try Program.run("user remove alice", api: api).output == "User deleted\n")
        #expect(try Program.run("user remove-totp alice", api: api).status == 0)
        #expect(
            api.calls.filter { $0.method != "GET" }.map(\.line) == [
                "PATCH \(path)", "DELETE \(path)", "DELETE \(path)/totp",
            ])
        #expect(api.calls.first { $0.method == "PATCH" }?.body == #"{"scopes":["admin","vpn:read"]}"#)
        #expect(try Program.run("user remove bob", api: api).errors.contains("there is no user \"bob\""))
        #expect(try Program.run("user edit alice", api: api).status == 64)
    }

    @Test func `users are listed`() throws {
        let output = try Program.run("user list", api: Self.api()).output
        #expect(
            output == """
                ID                                    SCOPES    TOTP  LAST LOG-IN  NAME
                5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  vpn:read  yes   -            alice

                """)
    }

    @Test func `the log shows who changed what`() throws {
        let api = Self.api()
        let output = try Program.run(
            "audit --limit 3 --action update --search off --object 5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10", api: api
        ).output
        #expect(
            output == """
                REVISION  TIME                  ACTION  OBJECT         BY          FROM       CHANGES
                       7  2026-01-31T12:00:00Z  update  tunnel office  user alice  192.0.2.7  mtu 1420 > 1380, dns - > 9.9.9.9, private_key changed, objects -, peers 3 created 1 deleted, users -

                """)
        #expect(
            api.calls.map(\.target) == [
                "/api/v1/audit?limit=3&q=off&action=update&object=5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"
            ])
    }
}
