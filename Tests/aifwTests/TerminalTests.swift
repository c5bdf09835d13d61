import Testing

@Suite struct `On a terminal` {
    private let api = FakeAPI { _ in
        .json(#"{"data":[{"id":"1","name":"\u001b[2Jx\#u{202E}","interface":"wg0","status":"up"}]}"#)
    }

    @Test func `states are painted and names can't steer it`() throws {
        let output = try Program.run("vpn list", api: api, environment: ["TERM": "xterm"], terminal: true).output
        #expect(output.contains("\u{1B}[32mup\u{1B}[0m"))
        #expect(output.contains(#"\u{1b}[2Jx\u{202e}"#))
    }

    @Test(arguments: [["NO_COLOR": "1", "TERM": "xterm"], ["TERM": "dumb"]])
    func `no colours where they are not wanted`(environment: [String: String]) throws {
        let output = try Program.run("vpn list", api: api, environment: environment, terminal: true).output
        #expect(!output.contains("\u{1B}"))
        #expect(output.contains("up"))
    }

    @Test func `no colours in a pipe`() throws {
        #expect(!(try Program.run("vpn list", api: api).output.contains("\u{1B}")))
    }

    @Test func `JSON is laid out for reading, without anything that steers`() throws {
        let output = try Program.run("vpn wg-list --json", api: api, terminal: true).output
        #expect(
            output == #"""
                {
                  "data": [
                    {
                      "id": "1",
                      "name": "\u001b[2Jx\u202e",
                      "interface": "wg0",
                      "status": "up"
                    }
                  ]
                }

                """#)
    }

    @Test func `JSON in a pipe is what the API sent`() throws {
        let output = try Program.run("vpn wg-list --json", api: api).output
        #expect(
            output == #"{"data":[{"id":"1","name":"\u001b[2Jx\#u{202E}","interface":"wg0","status":"up"}]}"# + "\n")
    }

    @Test func `JSON of tunnels and associations is one document`() throws {
        let output = try Program.run("vpn list --json", api: FakeAPI(Fixtures.daemon)).output
        #expect(
            output == """
                {"tunnels":[\(Fixtures.tunnel),\(Fixtures.otherTunnel)],"associations":[\(Fixtures.association)]}

                """)
    }

    @Test(arguments: ["vpn list", "vpn wg-list", "vpn ipsec-list", "vpn wg-peer-list --tunnel office", "vpn rules"])
    func `a table fits a terminal of 80 columns`(line: String) throws {
        let output = try Program.run(
            line, api: FakeAPI(Fixtures.daemon), environment: ["NO_COLOR": "1"], terminal: true, columns: 80
        ).output
        #expect(output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(output)")
    }

    @Test func `what a narrow terminal has no room for stands under each row`() throws {
        let api = FakeAPI(Fixtures.daemon)
        let variables = ["NO_COLOR": "1"]
        let output = try Program.run("vpn list", api: api, environment: variables, terminal: true, columns: 80).output
        #expect(
            output == """
                ID                                    TYPE       STATE  NAME
                5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  wireguard  up     office
                  link wg0, address 10.0.0.1/24
                6bd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a11  wireguard  down   wg0
                  link wg1, address 10.1.0.1/24, fd00::1/64
                8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13  ipsec      up     office-to-dc
                  link esp tunnel, address 203.0.113.1 <> 198.51.100.1

                """)
        let wide = try Program.run("vpn list", api: api, environment: variables, terminal: true, columns: 120).output
        #expect(wide == (try Program.run("vpn list", api: api).output))
    }
}
