import Testing
import Wire

@testable import KernelMessages

/// An answer of wireguard-go, divided into pieces as a socket may divide it.
struct UserspaceAnswerTests {
    /// Feeds the pieces; gives back the lines and how it ended.
    private func read(
        _ pieces: [String], upTo limit: Int = .max
    ) throws -> (lines: [String], progress: UserspaceAnswer.Progress) {
        let answer = UserspaceAnswer()
        var lines: [String] = []
        for piece in pieces {
            var rest = Array(piece.utf8)[...]
            while !rest.isEmpty {
                let part = rest.prefix(answer.room.count)
                answer.room.copyBytes(from: part)
                rest = rest.dropFirst(part.count)
                let progress = try answer.take(part.count) { (line) throws(Refusal) in
                    lines.append(String(decoding: line, as: UTF8.self))
                    return lines.count < limit
                }
                guard progress == .more else { return (lines, progress) }
            }
        }
        return (lines, .more)
    }

    @Test func `wherever an answer is divided, its lines are the same`() throws {
        let text = "a=1\nlonger=22\nerrno=0\n\n"
        for cut in 0...text.utf8.count {
            let pieces = [String(text.prefix(cut)), String(text.dropFirst(cut))]
            #expect(try read(pieces) == (["a=1", "longer=22"], .done))
        }
    }

    @Test func `an answer longer than the buffer comes through it whole`() throws {
        let lines = (0..<8_000).map { "line=\($0)" }
        #expect(try read([lines.joined(separator: "\n") + "\nerrno=0\n\n"]) == (lines, .done))
    }

    @Test func `a reader who has enough leaves the rest unread`() throws {
        #expect(try read(["a=1\nb=2\nc=3\n"], upTo: 2) == (["a=1", "b=2"], .done))
    }

    @Test func `what wireguard-go refused is told by its number`() throws {
        #expect(try read(["errno=-98\n\n"]).progress == .failed(98))
    }

    @Test(arguments: ["a=1\n\n", "errno=0\na=1\n\n", String(repeating: "x", count: 40_000)])
    func `an answer out of order, or a line without an end, is refused`(text: String) {
        #expect(throws: UserspaceAnswer.malformed) { try read([text]) }
    }

    @Test(arguments: [("errno=0", 0), ("errno=-98", 98), ("errno=22", 22)])
    func `the error number is read with or without its sign`(line: String, number: Int32) throws {
        #expect(try Array(line.utf8).withUnsafeBytes { try UserspaceAnswer.errorNumber($0) } == number)
    }

    @Test(arguments: ["errno=", "errno=x", "errno=-2147483648", "errno=99999999999999999999"])
    func `an error number that is none ends the reading`(line: String) {
        #expect(throws: UserspaceAnswer.malformed) {
            try Array(line.utf8).withUnsafeBytes { try UserspaceAnswer.errorNumber($0) }
        }
    }
}
