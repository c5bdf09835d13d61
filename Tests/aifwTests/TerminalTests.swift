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
        let output = try Program.run("vpn list --json", api: api, terminal: true).output
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
        let output = try Program.run("vpn list --json", api: api).output
        #expect(
            output == #"{"data":[{"id":"1","name":"\u001b[2Jx\#u{202E}","interface":"wg0","status":"up"}]}"# + "\n")
    }
}
