import Foundation
import Testing
import Wire

@testable import aifw

@Suite struct `Events` {
    private static let stream = """
        retry: 2000
        id: 41

        event: change
        id: 42
        data: {"revision":42,"time":"2026-01-31T18:00:00Z","action":"create","object":{"type":"peer","name":"la\\u001bptop"}}

        event: status
        data: {"time":"2026-01-31T18:00:01Z","object":{"type":"tunnel","name":"office"},"status":"error","status_detail":"gone"}

        event: handshake
        data: {"time":"2026-01-31T18:00:05Z","tunnel":{"name":"office"},"peers":[{"name":"laptop","state":"online","latest_handshake":"2026-01-31T18:00:04Z"}]}

        event: of another version
        data: {}

        : still here
        id: 43


        """

    @Test(arguments: [1, 2, 7, 4096], ["\n", "\r\n", "\r"])
    func `are read however they are cut and whatever ends a line`(size: Int, end: String) throws {
        var parser = EventParser()
        var events: [ServerEvent] = []
        let bytes = Array(Self.stream.replacingOccurrences(of: "\n", with: end).utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += try parser.take(Bytes(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(events.map(\.name) == ["change", "status", "handshake", "of another version"])
        #expect(events.first?.data.hasPrefix("{\"revision\":42,") == true)
        #expect(parser.lastID == "43")
    }

    @Test func `an id counts when its block has ended, and one line of many is too long`() throws {
        var parser = EventParser(lastID: "1")
        _ = try parser.take(Bytes("id: 2\nda".utf8))
        #expect(parser.lastID == "1")
        #expect(try parser.take(Bytes("ta: a\ndata:b\n\n".utf8)) == [ServerEvent(name: "message", data: "a\nb")])
        #expect(parser.lastID == "2")
        #expect(throws: Failure.self) {
            _ = try parser.take(Bytes(Array(repeating: UInt8(ascii: "x"), count: EventParser.lineLimit + 1)))
        }
    }

    private func api(_ fields: [String] = ["Content-Type: text/event-stream"]) -> FakeAPI {
        FakeAPI { call in
            call.target.hasPrefix("/api/v1/events")
                ? FakeAPI.Answer(fields: fields, body: Self.stream, chunked: true)
                : .json(#"{"data":{"revision":70}}"#)
        }
    }

    @Test func `are shown a line each, without what steers a terminal`() throws {
        let api = api()
        let result = try Program.run("events", api: api)
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(
            result.output == """
                2026-01-31T18:00:00Z      create    peer la\\u{1b}ptop                 revision 42
                2026-01-31T18:00:01Z      error     tunnel office                     gone
                2026-01-31T18:00:05Z      online    peer laptop of office             handshake 2026-01-31T18:00:04Z

                """)
        #expect(api.calls.last?.line == "GET /api/v1/events?follow=false&last_event_id=20")
        #expect(api.calls.last?.accept == "text/event-stream")
    }

    @Test func `are looked for further back where the last revisions are none, and the last are shown`() throws {
        let changes = (1...60).map { number in
            #"event: change\#nid: \#(number)\#ndata: {"revision":\#(number),"action":"create"}\#n\#n"#
        }
        let api = FakeAPI { call in
            switch call.target {
            case "/api/v1/vpn/summary": .json(#"{"data":{"revision":10000}}"#)
            case let target:
                FakeAPI.Answer(
                    fields: ["Content-Type: text/event-stream"],
                    body: target.hasSuffix("=1000") ? changes.joined() : ": nothing\n\n", chunked: true)
            }
        }
        let result = try Program.run("events", api: api)
        #expect(result.status == 0 && result.errors.isEmpty)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 50 && lines[0].hasSuffix("revision 11") && lines[49].hasSuffix("revision 60"))
        #expect(
            api.calls.map { $0.target.split { "=/".contains($0) }.last } == ["summary", "9950", "1000"])
    }

    @Test func `are painted on a terminal, and a line of JSON each for programs`() throws {
        let painted = try Program.run("events --since 41", api: api(), terminal: true)
        #expect(painted.output.contains("\u{1B}[31merror\u{1B}[0m") && painted.output.contains("\u{1B}[32monline"))
        let lines = try Program.run("events --since 41 --json", api: api()).output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.hasPrefix(#"{"event":"change","data":{"revision":42,"#) == true)
    }

    @Test func `that are no event stream are not understood, and a refusal is said as everywhere`() throws {
        #expect(try Program.run("events --since 0", api: api(["Content-Type: text/html"])).status == 76)
        let refusing = FakeAPI { _ in
            .problem(503, #"{"title":"Too many event streams are open","detail":"Come back later."}"#)
        }
        let result = try Program.run("events --follow", api: refusing)
        #expect(result.status == 69 && result.errors.contains("Come back later."))
        #expect(try Program.run("events --since -1").status == 64)
    }
}
