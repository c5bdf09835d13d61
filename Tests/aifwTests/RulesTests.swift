import Testing

@Suite struct `Rules` {
    private let api = FakeAPI(Fixtures.daemon)

    @Test func `each rule says what it lets through, for whom, and whether it is loaded`() throws {
        let result = try Program.run("vpn rules", api: api)
        #expect(
            result.output == """
                filter  nftables

                LOADED  KIND               RULE                                             OF
                yes     listen-port        udp port 51820 on eth0                           tunnel office
                yes     tunnel-traffic     on wg0                                           tunnel office
                yes     protected-packets  esp 203.0.113.1 <> 198.51.100.1                  association office-to-dc
                no      key-exchange       udp ports 500, 4500 203.0.113.1 <> 198.51.100.1  association office-to-dc
                yes     inner-traffic      10.1.0.0/16 <> 10.2.0.0/16                       association office-to-dc

                """)
        #expect(result.errors == "")
    }

    @Test func `what is masqueraded is shown by its network and where it comes from`() throws {
        let api = FakeAPI { _ in
            .json(
                #"{"data":[{"kind":"masquerade","object":{"type":"tunnel","name":"office"},"loaded":true,"#
                    + #""network":"10.0.0.0/24","interface":"wg0"}],"total":1,"filter":"nftables"}"#)
        }
        let line = "yes     masquerade  from 10.0.0.0/24 on wg0  tunnel office"
        #expect(try Program.run("vpn rules", api: api).output.contains(line))
    }

    @Test(arguments: [("pf", "pass in quick on wg0\n"), ("nft", "table inet aifw {\n}\n")])
    func `the filter's own text is given as it came`(format: String, text: String) throws {
        let result = try Program.run("vpn rules --format \(format)", api: api)
        #expect(result.output == text)
        #expect(api.calls.last?.accept == "text/plain")
    }

    @Test func `JSON is what the API sent`() throws {
        #expect(try Program.run("vpn rules --json", api: api).output == Fixtures.rules + "\n")
    }

    @Test func `without a filter or a rule that is said, and so is what the API warns of`() throws {
        let api = FakeAPI { _ in .json(#"{"data":[],"total":0,"filter":"none","warnings":["It is not whole."]}"#) }
        let result = try Program.run("vpn rules", api: api)
        #expect(result.output == "filter  none\n")
        #expect(
            result.errors == """
                aifw: warning: It is not whole.
                The helper has no packet filter to load them into: aifw-privd --filter
                There is no rule, for no tunnel or association is enabled.

                """)
    }
}
