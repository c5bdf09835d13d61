import Foundation
import Testing

@Suite struct `Associations` {
    private let api = FakeAPI(Fixtures.daemon)

    @Test func `every option reaches the body, and only those that are given`() throws {
        let line = """
            vpn ipsec-add --name hq --src 2001:db8::1 --dst 2001:db8::2 --protocol esp+ah --mode tunnel \
            --enc-algo aes-256-cbc --auth-algo hmac-sha512 --src-networks 10.1.0.0/16,10.3.0.0/16 \
            --dst-networks 10.2.0.0/16 --spi-in 0xc0de --spi-out 4096 --replay-window 32 --disabled
            """
        #expect(try Program.run(line, api: api).status == 0)
        #expect(
            api.calls.last?.body == """
                {"name":"hq","src_addr":"2001:db8::1","dst_addr":"2001:db8::2","protocol":"esp+ah","mode":"tunnel",\
                "enc_algo":"aes-256-cbc","auth_algo":"hmac-sha512","src_networks":["10.1.0.0/16","10.3.0.0/16"],\
                "dst_networks":["10.2.0.0/16"],"spi_in":"0xc0de","spi_out":4096,"replay_window":32,"enabled":false}
                """)
    }

    @Test(arguments: [
        ("vpn ipsec-start office-to-dc", "Association started\n"),
        ("vpn ipsec-stop office-to-dc", "Association stopped\n"),
        ("vpn remove office-to-dc", "Association deleted\n"), ("vpn ipsec-config office-to-dc", Fixtures.script),
        ("vpn ipsec-config office-to-dc --format setkey", "flush;\n"),
        ("vpn ipsec-config office-to-dc --format json", Fixtures.farEnd + "\n"),
        ("vpn ipsec-config office-to-dc --json", Fixtures.farEnd + "\n"),
        ("vpn ipsec-status office-to-dc --json", Fixtures.associationStatus + "\n"),
        ("vpn ipsec-list --json", "{\"data\":[\(Fixtures.association)],\"total\":1}\n"),
        ("vpn ipsec-edit office-to-dc --name a --json", "{\"data\":\(Fixtures.association)}\n"),
        ("vpn ipsec-start \(Fixtures.associationID.uppercased()) --json", "{\"message\":\"Association started\"}\n"),
    ])
    func `a name will do for an id, and the answer is printed`(line: String, output: String) throws {
        let result = try Program.run(line, api: api)
        #expect(result.output == output)
        #expect(result.errors == "")
        #expect(result.status == 0)
    }

    @Test func `they are listed with their ends`() throws {
        let result = try Program.run("vpn ipsec-list", api: api)
        #expect(
            result.output == """
                ID                                    PROTOCOL    STATE  GATEWAYS                     NETWORKS                           NAME
                8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13  esp tunnel  up     203.0.113.1 <> 198.51.100.1  203.0.113.1/32 <> 198.51.100.1/32  office-to-dc

                """)
        #expect(result.errors == "")
    }

    @Test func `the status tells both directions`() throws {
        let result = try Program.run("vpn ipsec-status office-to-dc", api: api)
        #expect(
            result.output == """
                running  yes

                DIRECTION        IN                    OUT
                SPI              0x0000c0de            0xdeadbeef
                packets          12                    9000
                bytes            1.5 KiB               12.3 MiB
                failures         0                     0
                  too old        0                     0
                  repeated       0                     0
                  not authentic  0                     0
                installed        2026-01-01T00:00:00Z  2026-01-01T00:00:00Z
                first used       2026-01-01T00:00:10Z  never

                """)
        #expect(result.errors == "")
    }

    @Test(arguments: [
        (#""packets":12"#, #""packets":0"#, "Nothing has come in yet: "),
        (#""unauthentic":0"#, #""unauthentic":3"#, "Packets are not authentic: "),
        (#""repeated":0"#, #""repeated":3"#, "Packets are too old or repeated: "),
        (#""outside_window":0"#, #""outside_window":3"#, "Packets are too old or repeated: "),
        (#""packets":9000"#, #""packets":4000000001"#, "The sequence numbers are nearly used up: "),
    ])
    func `numbers that mean trouble are explained`(number: String, other: String, remark: String) throws {
        let api = FakeAPI { call in
            guard call.target.hasSuffix("/status") else { return Fixtures.daemon(call) }
            return .json(Fixtures.associationStatus.replacingOccurrences(of: number, with: other))
        }
        let result = try Program.run("vpn ipsec-status office-to-dc", api: api)
        #expect(result.errors.hasPrefix(remark))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func `one that is not installed has no numbers`() throws {
        let api = FakeAPI { call in
            call.target.hasSuffix("/status") ? .json(#"{"running":false}"#) : Fixtures.daemon(call)
        }
        #expect(try Program.run("vpn ipsec-status office-to-dc", api: api).output == "running  no\n")
    }

    @Test(arguments: [
        (["--dst-networks", "10.2.0.0/16,10.3.0.0/16"], #"{"dst_networks":["10.2.0.0/16","10.3.0.0/16"]}"#),
        (["--spi-out", "0xc0de", "--replay-window", "0"], #"{"spi_out":"0xc0de","replay_window":0}"#),
        (
            ["--enc-algo", "aes-256-cbc", "--new-keys"],
            """
            {"enc_algo":"aes-256-cbc","enc_key_in":null,"enc_key_out":null,"auth_key_in":null,"auth_key_out":null}
            """
        ),
        (
            ["--mode", "transport", "--clear", "src-networks,dst-networks"],
            #"{"mode":"transport","src_networks":null,"dst_networks":null}"#
        ),
        (["--src-networks", ""], #"{"src_networks":null}"#),
    ])
    func `an edit sends only what is given, and asks for the far end to be told`(
        options: [String], sent: String
    ) throws {
        let result = try Program.run(["vpn", "ipsec-edit", "office-to-dc"] + options, api: api)
        #expect(api.calls.last?.line == "PATCH /api/v1/vpn/ipsec/\(Fixtures.associationID)")
        #expect(api.calls.last?.body == sent)
        #expect(result.output.hasPrefix("id             \(Fixtures.associationID)\n"))
        let note = "Fetch the far end's configuration anew: aifw vpn ipsec-config office-to-dc -o far-end.sh\n"
        #expect(result.errors == note)
    }

    @Test(arguments: ["--name hq", "--replay-window 0"])
    func `what is this end's own affair needs nothing from the far end`(options: String) throws {
        #expect(try Program.run("vpn ipsec-edit office-to-dc \(options)", api: api).errors == "")
    }

    @Test func `a name with a space is not proposed for a command line`() throws {
        let api = FakeAPI { _ in
            .json(#"{"data":{"id":"\#(Fixtures.associationID)","name":"a b","enabled":false}}"#, status: 201)
        }
        let result = try Program.run("vpn ipsec-add --name a --src 192.0.2.1 --dst 192.0.2.2", api: api)
        #expect(
            result.errors == """
                Fetch the far end's configuration: aifw vpn ipsec-config \(Fixtures.associationID) -o far-end.sh
                Start it: aifw vpn ipsec-start \(Fixtures.associationID)

                """)
    }

    @Test(arguments: [
        ("esp", "aes-256-gcm", true, false), ("esp", "aes-256-cbc", true, true), ("ah", "aes-256-gcm", false, true),
        ("esp+ah", "aes-256-gcm", true, true),
    ])
    func `algorithms without effect are not shown`(
        word: String, algorithm: String, encrypts: Bool, authenticates: Bool
    ) throws {
        let api = FakeAPI { _ in
            .json(#"{"data":{"id":"1","protocol":"\#(word)","enc_algo":"\#(algorithm)","auth_algo":"hmac-sha256"}}"#)
        }
        let output = try Program.run("vpn ipsec-edit \(Fixtures.associationID) --name a", api: api).output
        #expect(output.contains("encryption ") == encrypts)
        #expect(output.contains("authentication ") == authenticates)
    }

    @Test(arguments: ["start", "stop", "status", "config", "edit --name a"])
    func `a name that none has is said to be none's`(command: String) throws {
        let words = command.split(separator: " ", maxSplits: 1)
        let line = "vpn ipsec-\(words[0]) office" + (words.count > 1 ? " \(words[1])" : "")
        let result = try Program.run(line, api: api)
        #expect(result.status == 1)
        #expect(
            result.errors == """
                aifw: there is no association "office".
                `aifw vpn ipsec-list` shows the associations.

                """)
        #expect(api.calls.map(\.line) == ["GET /api/v1/vpn/ipsec?q=office&limit=1000"])
    }

    @Test func `faults are named by their options`() throws {
        let api = FakeAPI { _ in
            .problem(
                422,
                """
                {"title":"Wrong","errors":[{"field":"src_addr","detail":"must be unicast"},\
                {"field":"src_networks[1]","detail":"has host bits"},{"field":"enc_key_in","detail":"must be longer"},\
                {"field":"remote_addr","detail":"is another"}]}
                """)
        }
        let result = try Program.run("vpn ipsec-add --name a --src 224.0.0.1 --dst 192.0.2.2", api: api)
        #expect(result.status == 1)
        #expect(
            result.errors == """
                aifw: Wrong
                  --src: must be unicast
                  --src-networks, entry 2: has host bits
                  --from, enc_key_in: must be longer
                  --dst: is another

                """)
    }

    @Test func `errors of associations stand under the list`() throws {
        let api = FakeAPI { call in
            guard call.target.contains("ipsec") else { return .json(#"{"data":[]}"#) }
            return .json(#"{"data":[{"id":"1","name":"dc","status":"error","status_detail":"no such algorithm"}]}"#)
        }
        for command in ["list", "ipsec-list"] {
            #expect(try Program.run("vpn \(command)", api: api).errors == "dc: no such algorithm\n")
        }
    }

    @Test func `where there is nothing yet, a first one is proposed`() throws {
        let api = FakeAPI { _ in .json(#"{"data":[]}"#) }
        let line = "aifw vpn ipsec-add --name office --src 203.0.113.1 --dst 198.51.100.1"
        for command in ["list", "ipsec-list"] {
            let result = try Program.run("vpn \(command)", api: api)
            #expect(result.output == "")
            #expect(result.errors.contains(line))
        }
    }
}
