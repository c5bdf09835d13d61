import Testing

@testable import Daemon

@Suite struct `The journal` {
    private final class Lines {
        var all: [String] = []
    }

    @Test func `Ten lines a second are written, and then their number`() {
        let lines = Lines()
        var journal = Journal { lines.all.append($0) }
        for index in 0..<25 { journal.log("line \(index)", now: 5_000 + Int64(index)) }
        #expect(lines.all == (0..<10).map { "line \($0)" })
        #expect(journal.isHoldingBack)
        journal.flush(now: 5_999)
        #expect(lines.all.count == 10)
        journal.flush(now: 6_000)
        #expect(lines.all.last == "15 more lines were left out")
        #expect(!journal.isHoldingBack)
        journal.log("next", now: 6_001)
        #expect(lines.all.last == "next")
    }

    @Test func `What must be on record is written whatever was written before, and counts against nothing`() {
        let lines = Lines()
        var journal = Journal { lines.all.append($0) }
        for index in 0..<12 { journal.log("line \(index)", now: 5_000) }
        journal.record("revealed")
        #expect(lines.all.count == 11)
        #expect(lines.all.last == "revealed")
        journal.flush(now: 6_000)
        #expect(lines.all.last == "2 more lines were left out")
    }

    @Test(arguments: [
        ("two\nlines", "two\u{FFFD}lines"), ("a\u{1B}[31mred", "a\u{FFFD}[31mred"), ("plain", "plain"),
        (String(repeating: "x", count: 10_600), String(repeating: "x", count: 10_000)),
    ])
    func `A line is one line, whatever is in it`(text: String, shown: String) {
        #expect(Journal.line(text) == shown)
    }
}
