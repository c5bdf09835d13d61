import Foundation
import Logging
import Synchronization
import Testing

@testable import aifw_apid

@Suite struct JournalLogTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private func line(_ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let lines = Lines()
        let logger = Logger(label: "test") { label in
            JournalLog(label: label, logLevel: .info, write: { line in lines.all.withLock { $0.append(line) } })
        }
        logger.info(message, metadata: metadata)
        return lines.all.withLock { $0.joined() }
    }

    @Test func `a line has its time, level and label, then what is known, then what happened`() throws {
        let line = line("request", ["status": "200", "path": "/api/v1/vpn/wg?%20"])
        let form = #/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info test: path=/api/v1/vpn/wg\?%20 status=200 request\n$/#
        #expect(line.contains(form))
    }

    @Test(arguments: [
        ("a b", #""a b""#), ("", #""""#), ("a=b", #""a=b""#), ("a\"b\\c", #""a\"b\\c""#),
        (
            "x\n2026-01-01T00:00:00.000Z info aifw-apid: caller=root request",
            #""x\n2026-01-01T00:00:00.000Z info aifw-apid: caller=root request""#
        ),
        ("\r\u{1B}[2J\u{0}\u{7F}\u{85}", #""\u{d}\u{1b}[2J\u{0}\u{7f}\u{85}""#),
        ("\u{202E}\u{2028}\u{FEFF}", #""\u{202e}\u{2028}\u{feff}""#), ("é", #""é""#),
    ])
    func `a value can't end its line, nor pass for another key`(value: String, shown: String) {
        let line = line("request", ["path": .string(value), "status": "404"])
        #expect(line.hasSuffix(" info test: path=\(shown) status=404 request\n"))
        #expect(line.split(separator: "\n").count == 1)
    }

    @Test func `what is inside a list or a dictionary can't either`() {
        let line = line("m", ["a": ["x\ny", "z\""], "b": .dictionary(["k\n": "v w"])])
        #expect(line.hasSuffix(#": a=["x\ny", "z\""] b={"k\n": "v w"} m"# + "\n"))
    }

    @Test func `a message can't either, and a long value is cut`() {
        #expect(line("one\ntwo", [:]).hasSuffix(#"test: one\ntwo"# + "\n"))
        let long = line("m", ["a": .string(String(repeating: "x", count: 5000))])
        #expect(long.contains("a=\"" + String(repeating: "x", count: JournalLog.limit) + "…\" m"))
    }
}
