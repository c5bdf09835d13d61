import Testing
import Wire

@testable import aifw

@Suite struct `What is shown` {
    @Test(arguments: [
        ("plain", "plain"), ("a\nb", #"a\u{a}b"#), ("\u{1B}[2J", #"\u{1b}[2J"#), ("\u{9B}2J", #"\u{9b}2J"#),
        ("a\u{202E}b", #"a\u{202e}b"#), ("a\u{2066}", #"a\u{2066}"#), ("\u{7F}", #"\u{7f}"#), ("Büro 東京", "Büro 東京"),
    ])
    func `what could steer a terminal is written out`(text: String, shown: String) {
        #expect(text.printable == shown)
    }

    @Test(arguments: [
        ("abc", 3), ("Büro", 4), ("e\u{301}", 1), ("東京", 4), ("ｱ", 1), ("Ａ", 2), ("한국", 4), ("🙂", 2), ("👨‍👩‍👧", 2),
        ("🇩🇪", 2),
        ("❤️", 2), ("👍🏽", 2), ("", 0),
    ])
    func `columns are counted as terminals show them`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
            (12_900_000, "12.3 MiB"),
            (1_023_999, "1.0 MiB"), (1_048_576, "1.0 MiB"), (687_194_767_360, "640 GiB"), (Int64.max, "8.0 EiB"),
        ] as [(Int64, String)])
    func `bytes have three digits or so`(count: Int64, text: String) {
        #expect(Amounts.bytes(count) == text)
    }

    @Test(
        arguments: [
            (-1, "never"), (0, "0 s ago"), (12, "12 s ago"), (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"),
            (86_400, "1 d ago"),
        ] as [(Int64, String)])
    func `ages have one unit`(seconds: Int64, text: String) {
        #expect(Amounts.age(seconds: seconds) == text)
    }

    @Test func `wide names keep the fields behind them in line, and colours take no room`() {
        var table = Table([Table.Column("NAME"), Table.Column("STATE"), Table.Column("N", alignsRight: true)])
        table.rows = [
            [Table.Cell("東京"), Table.Cell("up", .good), Table.Cell("1")],
            [Table.Cell("lab"), Table.Cell("down", .faint), Table.Cell(nil)],
        ]
        #expect(table.rendered(colour: false) == "NAME  STATE  N\n東京  up     1\nlab   down   -\n")
        let painted = table.rendered(colour: true)
        #expect(painted.contains("\u{1B}[32mup\u{1B}[0m     1\n"))
    }

    @Test(arguments: [
        ("90m", "2026-01-01T01:30:00Z"), ("12h", "2026-01-01T12:00:00Z"), ("30d", "2026-01-31T00:00:00Z"),
        ("2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z"), ("0d", nil), ("-1d", nil), ("1000000d", nil), ("soon", nil),
        ("d", nil), ("", nil),
    ])
    func `an end is a time or a span from now`(text: String, time: String?) {
        #expect(Expiry(text, now: 1_767_225_600)?.time == time)
    }

    @Test func `a group's name is looked up by its number`() {
        let content = "root:x:0:\naifw:x:993:anna,ben\nbroken\n"
        #expect(GroupFile.name(of: 993, in: content) == "aifw")
        #expect(GroupFile.name(of: 99, in: content) == nil)
        #expect(GroupFile.name(of: 0) == "root")
    }

    @Test func `no permission names the group to join`() {
        let failure = Failure.unreachable(socket: "/run/aifw/api.sock", errno: 13, group: "aifw")
        #expect(failure.exitCode == 77)
        #expect(
            failure.text(flags: [:]) == """
                no permission to connect to /run/aifw/api.sock: it is open to root and to members of the group "aifw".
                Join it and log in again: sudo usermod -aG aifw "$USER"
                """)
    }

    @Test func `what stands in a path or query is escaped`() {
        let request = Request(.get, ["a/b", "ü"], query: [(name: "q", value: "a b&c=d+e")])
        #expect(request.target == "/api/v1/a%2Fb/%C3%BC?q=a%20b%26c%3Dd%2Be")
    }
}
