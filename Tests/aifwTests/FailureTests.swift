import Testing

@Suite struct `Failures` {
    private func run(_ line: String, _ answer: FakeAPI.Answer) throws -> Program.Result {
        let api = FakeAPI { _ in answer }
        return try Program.run(line, api: api)
    }

    @Test func `every fault stands on a line of its own under the option that was typed`() throws {
        let result = try run(
            "vpn wg-add --name a --address x --port 0",
            .problem(
                422,
                """
                {"type":"/problems/invalid","title":"Wrong fields","status":422,"detail":"2 fields are wrong.","errors":[\
                {"field":"listen_port","detail":"must be from 1 to 65535, not 0"},\
                {"field":"address","detail":"must be an address"},{"field":"colour","detail":"is not known"}]}
                """))
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(
            result.errors == """
                aifw: Wrong fields
                  2 fields are wrong.
                  --port: must be from 1 to 65535, not 0
                  --address: must be an address
                  colour: is not known

                """)
    }

    @Test func `an entry of a list is counted as people count`() throws {
        let result = try run(
            "vpn wg-peer-add --tunnel \(Fixtures.tunnelID) --name a --allowed-ips 10.0.0.2,x",
            .problem(422, #"{"title":"Wrong","errors":[{"field":"allowed_ips[1]","detail":"must be a network"}]}"#))
        #expect(result.errors == "aifw: Wrong\n  --allowed-ips, entry 2: must be a network\n")
    }

    @Test func `with --json the problem is given as it came`() throws {
        let result = try run("vpn wg-start \(Fixtures.tunnelID) --json", .problem(404, Fixtures.notFound))
        #expect(result.errors == Fixtures.notFound + "\n")
        #expect(result.status == 1)
    }

    @Test(arguments: [(400, 1), (404, 1), (409, 1), (429, 1), (500, 70), (502, 70), (503, 69)])
    func `the exit status tells who is at fault`(status: Int, code: Int32) throws {
        let result = try run("vpn list", .problem(status, #"{"title":"No","status":\#(status)}"#))
        #expect(result.status == code)
        #expect(result.errors.hasPrefix("aifw: No\n"))
    }

    @Test func `an absent helper is named, with the time to wait`() throws {
        let answer = FakeAPI.Answer.problem(503, #"{"title":"Helper not reachable"}"#, fields: ["Retry-After: 5"])
        let result = try run("vpn wg-start \(Fixtures.tunnelID)", answer)
        #expect(
            result.errors == """
                aifw: Helper not reachable
                Nothing was changed. Is the helper running? systemctl status aifw-privd; then try again in 5 s.

                """)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[}", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ])
    func `an answer that is none is said to be none`(raw: String) throws {
        let result = try run("vpn list", FakeAPI.Answer(body: "", raw: raw))
        #expect(result.status == 76)
        #expect(result.output == "")
    }

    @Test func `chunks, informational answers and bodies up to the end are read`() throws {
        let whole = #"{"message":"Tunnel started"}"#
        let line = "vpn wg-start \(Fixtures.tunnelID)"
        #expect(try run(line, FakeAPI.Answer(body: whole, chunked: true)).output == "Tunnel started\n")
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + whole
        #expect(try run(line, FakeAPI.Answer(body: "", raw: early)).output == "Tunnel started\n")
    }

    @Test func `a daemon that is away is missed by name and place`() throws {
        let result = try Program.run("vpn list --api-socket /nonexistent/api.sock")
        #expect(result.status == 69)
        #expect(
            result.errors == """
                aifw: the API daemon is not reachable at /nonexistent/api.sock: is aifw-apid running? \
                (No such file or directory)
                Start it: sudo systemctl start aifw-apid. If it listens elsewhere: --api-socket PATH or AIFW_API_SOCKET.

                """)
    }

    @Test func `a file that can't be written is named`() throws {
        let api = FakeAPI(Fixtures.daemon)
        let result = try Program.run("vpn wg-config --tunnel office laptop -o /nonexistent/a.conf", api: api)
        #expect(result.status == 73)
        #expect(result.errors == "aifw: can't write /nonexistent/a.conf: No such file or directory\n")
    }

    @Test(arguments: [
        "vpn wg-add --name a", "vpn wg-add --name a --address 10.0.0.1/24 --port many", "vpn nonsense", "vpn remove",
        "vpn wg-add --name a --address 10.0.0.1/24 --private-key abc", "token create --name a --expires soon",
        "vpn wg-peer-add --tunnel a --name b --preshared-key \(Fixtures.key)",
        "vpn wg-peer-add --tunnel a --name b --preshared-key auto --preshared-key-file /dev/null",
        "vpn wg-peer-add --tunnel a --name b --no-keep-private-key", "vpn wg-peer-add --tunnel a --name b -o x --json",
        "vpn wg-peer-add --tunnel a --name b --pubkey \(Fixtures.key) -o x", "vpn wg-edit a", "vpn wg-edit",
        "vpn wg-edit a --private-key abc", "vpn wg-edit a --clear name", "vpn wg-edit a --dns 1.1.1.1 --clear dns",
        "vpn wg-edit a --clear dns,dns", "vpn wg-peer-edit a --name b", "vpn wg-peer-edit --tunnel a b",
        "vpn wg-peer-edit --tunnel a b --preshared-key \(Fixtures.key)",
        "vpn wg-peer-edit --tunnel a b --preshared-key none --preshared-key-file /dev/null",
        "vpn wg-peer-edit --tunnel a b --preshared-key-file /dev/null --clear preshared-key",
        "vpn wg-rotate --tunnel a b -o x --json", "vpn wg-config --tunnel a b --qr --json", "vpn ipsec-add --name a",
        "vpn ipsec-add --name a --src 192.0.2.1", "vpn ipsec-add --from a --replay-window many",
        "vpn ipsec-add --from a --enc-key-in \(Fixtures.hexKey)", "vpn ipsec-edit a", "vpn ipsec-edit a --clear name",
        "vpn ipsec-edit a --new-keys --from b",
        "vpn ipsec-edit a --src-networks 10.0.0.0/8 --clear src-networks", "vpn ipsec-config a --format swan",
        "vpn ipsec-config a --format setkey --json", "vpn rules --format ipfw", "vpn rules --format pf --json",
    ])
    func `a wrong command line is refused before anything is sent`(line: String) throws {
        let api = FakeAPI(Fixtures.daemon)
        let result = try Program.run(line, api: api)
        #expect(result.status == 64)
        #expect(result.errors.contains("Usage: aifw"))
        #expect(!result.errors.contains(Fixtures.key) && !result.errors.contains(Fixtures.hexKey))
        #expect(api.calls.isEmpty)
    }
}
