import Testing

@testable import aifw

@Suite struct `What was carried` {
    private let api = FakeAPI { call in
        guard call.target.contains("/history?") else { return Fixtures.daemon(call) }
        let unknown = Array(repeating: "null", count: 342).joined(separator: ",")
        let slots = "0,0,0,0,0,0,100,0,0,0,0,0,0,0,0,0,0,1600"
        return .json(
            #"{"data":{"range":"hour","step":10,"from":"2026-01-31T17:00:10Z","to":"2026-01-31T18:00:10Z","#
                + #""received":[\#(unknown),\#(slots)],"sent":[\#(unknown),\#(slots)],"#
                + #""total":{"received":12900000,"sent":0}}}"#)
    }

    @Test func `totals, the last hour and its shape are shown`() throws {
        let result = try Program.run("vpn wg-traffic office", api: api)
        let unknown = String(repeating: "·", count: 57)
        #expect(
            result.output == """
                BYTES         EVER  LAST HOUR  MOST IN 1 MIN
                received  12.3 MiB    1.7 KiB        1.6 KiB
                sent           0 B    1.7 KiB        1.6 KiB

                received     \(unknown)_▁█
                sent         \(unknown)_▁█
                from         2026-01-31T17:00:10Z
                to           2026-01-31T18:00:10Z
                a character  1 min; · where nothing was observed

                """)
    }

    @Test func `a peer and a range are asked for by name`() throws {
        let result = try Program.run("vpn wg-traffic office --peer laptop --range day --json", api: api)
        #expect(result.status == 0 && result.output.hasPrefix("{"))
        #expect(api.calls.last?.target.hasSuffix("/history?range=day&peer=\(Fixtures.peerID)") == true)
        #expect(try Program.run("vpn wg-traffic office --range week", api: api).status == 64)
    }

    @Test(
        arguments: [
            ([nil, nil, nil], 3, "·"), ([0, nil, 0], 3, "_"), ([1, 2, 4, 8], 1, "▂▃▅█"), ([1, 1000], 1, "▁█"),
            ([], 6, ""),
            ([5, nil, nil, 5, 7], 2, "▆▆█"),
        ] as [([Int64?], Int, String)])
    func `a line has a character for some amounts`(amounts: [Int64?], size: Int, text: String) {
        #expect(Sparkline(amounts, size: size).text == text)
    }
}
