import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing
import Wire

@testable import aifw_apid

/// What a caller can hold up by being slow or by sending much, with short times.
@Suite struct PressureTests {
    @Test func `a head that is not there in time is not waited for, however it trickles`() async throws {
        var timeouts = Timeouts()
        timeouts.head = .milliseconds(100)
        try await LiveServer.with([], timeouts: timeouts) { server in
            #expect(try await RawConnection.talk("GET / HTTP/1.1\r\nHost:", to: server.socket).isEmpty)
            // The second head on a connection too, when the first was answered.
            let first = "GET /none HTTP/1.1\r\nHost: h\r\n\r\n"
            let answer = try await RawConnection.talk(first + "GET", to: server.socket, then: " / HTTP/1.1\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 404 ") && answer.components(separatedBy: "HTTP/1.1 ").count == 2)
        }
    }

    @Test(arguments: ["--http1.1", "--http2"])
    func `a body that trickles is given up with 408`(flag: String) async throws {
        var timeouts = Timeouts()
        // Nothing is fast enough.
        timeouts.body = .init(grace: .zero, bytes: 1 << 50)
        let table: [Route] = [.post("/echo", .open) { .data(.integer(Int64(try await $0.bytes().count))) }]
        try await LiveServer.with(table, timeouts: timeouts) { server in
            let slow = try await server.remote("/echo", flag, "-d", "x")
            #expect(slow.status == 408)
            #expect(try slow.problem == "too-slow")
            #expect(slow.headers["connection"] == (flag == "--http2" ? nil : "close"))
            #expect(try await server.remote("/echo", flag, "-X", "POST").json == ["data": 0])
        }
    }

    @Test func `bodies beyond what may be in memory wait outside, but not over the Unix socket`() async throws {
        let (arrived, arrive) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let table: [Route] = [
            .post("/hold", .open, limit: 64 << 20) { context in
                _ = try await context.bytes()
                arrive.yield()
                for await _ in released {}
                return .message("kept")
            },
            .post("/count", .open, limit: 64 << 20) { .data(.integer(Int64(try await $0.bytes().count))) },
        ]
        try await LiveServer.with(table, bodyLimits: .init(ordinary: 1 << 20, long: 3 << 20)) { server in
            let file = server.folder + "/body"
            try Data(count: 2 << 20).write(to: URL(fileURLWithPath: file))
            async let first = server.remote("/hold", "--data-binary", "@\(file)")
            for await _ in arrived { break }
            for flag in ["--http1.1", "--http2"] {
                let second = try await server.remote("/count", flag, "--data-binary", "@\(file)")
                #expect(second.status == 503)
                #expect(try second.problem == "busy")
                #expect(second.headers["retry-after"] == "2")
                #expect(try await server.remote("/count", flag, "-d", "small").json == ["data": 5])
            }
            #expect(try await server.local("/count", "--data-binary", "@\(file)").json == ["data": .integer(2 << 20)])
            release.finish()
            #expect(try await first.json == ["message": "kept"])
            #expect(try await server.remote("/count", "--data-binary", "@\(file)").json == ["data": .integer(2 << 20)])
        }
    }

    @Test func `who takes no answer is hung up on`() async throws {
        var timeouts = Timeouts()
        timeouts.slice = .milliseconds(100)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let table: [Route] = [
            .get("/endless", .open) { _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        defer { end.finish() }
                        while true { try await writer.write(ByteBuffer(repeating: 0x78, count: 1 << 20)) }
                    })
            }
        ]
        try await LiveServer.with(table, timeouts: timeouts) { server in
            try await RawConnection.hold("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n", at: server.socket) {
                for await _ in ended {}
            }
        }
    }

    @Test func `whoever comes is served, however many connections one address holds`() async throws {
        try await LiveServer.with([.get("/open", .open) { _ in .message("here") }], connectionLimit: 128) { server in
            try await RawConnection.hold(300, closed: 300 - 128, atPort: server.port) { () async throws in
                for _ in 0..<3 { #expect(try await server.remote("/open").status == 200) }
                #expect(try await server.local("/open").status == 200)
            }
        }
    }
}
