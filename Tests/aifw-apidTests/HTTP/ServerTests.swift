import Foundation
import Glibc
import NIOCore
import Testing
import Wire

@testable import aifw_apid

@Suite struct ServerTests {
    private static let id = "5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"

    /// Routes that show what a handler is given.
    private static let table: [Route] = [
        .get("/open", .open) { _ in .bare(["open": true], etag: ETag(revision: 7)) },
        .get("/who", .vpnRead) { context in
            .bare([
                "name": .text(context.caller.name), "local": context.localAddress.map { .text("\($0)") } ?? .null,
            ])
        },
        .get("/wg/{id}", .vpnRead) { context in .data(try context.id("id").json) },
        .post("/echo", .vpnWrite) { context in .data(try await context.json()) },
        .patch("/echo", .vpnWrite) { context in .data(try await context.json()) },
        .post("/big", .vpnWrite, limit: 3 << 20) { context in .data(.integer(Int64(try await context.bytes().count))) },
        .get("/secret", .vpnRead) { context in
            try context.require(.vpnSecrets)
            return .message("here")
        },
        .get("/broken", .open) { _ in throw Broken() },
    ]

    private struct Broken: Error { let secret = "hidden" }

    @Test(arguments: [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")])
    func `TLS serves both versions of HTTP by ALPN`(flag: String, version: String) async throws {
        try await LiveServer.with(Self.table) { server in
            let answer = try await server.remote("/open", flag)
            #expect(answer.status == 200)
            #expect(answer.version == version)
            #expect(answer.body == #"{"open":true}"#)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            #expect(answer.headers["content-security-policy"] == "frame-ancestors 'none'")
            #expect(answer.headers["x-request-id"]?.utf8.count == 16)
            #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
        }
    }

    @Test func `over the Unix socket the kernel says who asks`() async throws {
        try await LiveServer.with(Self.table) { server in
            #expect(try mode(server.socket) == 0o660)
            let answer = try await server.local("/who")
            #expect(try answer.json == ["name": .text("uid \(getuid())"), "local": nil])
        }
    }

    @Test func `over TLS the token says who asks, and the connection where`() async throws {
        let (tokens, token) = KnownTokens.one(.vpnRead)
        try await LiveServer.with(Self.table, verifier: tokens) { server in
            for flag in ["--http1.1", "--http2"] {
                let answer = try await server.remote("/who", flag, "-H", "Authorization: Bearer \(token)")
                #expect(try answer.json == ["name": "laptop", "local": "127.0.0.1"])
            }
            let nobody = try await server.remote("/who")
            #expect(nobody.status == 401)
            #expect(try nobody.problem == "unauthenticated")
            #expect(nobody.headers["www-authenticate"] == "Bearer realm=\"aifw\"")
            let stranger = try await server.remote("/who", "-H", "Authorization: Bearer \(BearerToken.random().secret)")
            #expect(stranger.status == 401)
            let poor = try await server.remote("/secret", "-H", "Authorization: Bearer \(token)")
            #expect(try poor.problem == "forbidden")
            let reader = try await server.remote("/echo", "-d", "{}", "-H", "Authorization: Bearer \(token)")
            #expect(reader.status == 403)
        }
    }

    @Test func `no error has an empty body`() async throws {
        try await LiveServer.with(Self.table) { server in
            #expect(try await server.local("/nope").problem == "not-found")
            #expect(try await server.local("/wg/5").problem == "not-found")
            #expect(try await server.local("/wg/\(Self.id)").json == ["data": .text(Self.id)])
            let wrong = try await server.local("/wg/\(Self.id)", "-X", "DELETE")
            #expect(try wrong.problem == "method-not-allowed")
            #expect(wrong.headers["allow"] == "GET, HEAD")
            let broken = try await server.local("/broken")
            #expect(try broken.problem == "internal")
            #expect(!broken.body.contains("hidden") && !broken.body.contains("Broken"))
        }
    }

    @Test func `HEAD is GET without the body`() async throws {
        try await LiveServer.with(Self.table) { server in
            for answer in [try await server.local("/open", "-I"), try await server.remote("/open", "-I")] {
                #expect(answer.status == 200)
                #expect(answer.headers["content-length"] == "13")
                #expect(answer.body.isEmpty)
            }
        }
    }

    @Test func `what the caller has is not sent again`() async throws {
        try await LiveServer.with(Self.table) { server in
            let first = try await server.local("/open")
            let tag = try #require(first.headers["etag"])
            let again = try await server.local("/open", "-H", "If-None-Match: \(tag)")
            #expect(again.status == 304)
            #expect(again.headers["etag"] == tag)
            #expect(again.body.isEmpty)
        }
    }

    @Test(arguments: [
        ("POST", "application/json", "{\"a\":1}", nil),
        ("POST", "application/JSON; charset=utf-8", "{}", nil),
        ("POST", "application/vnd.x+json", "{}", nil),
        ("PATCH", "application/merge-patch+json", "{}", nil),
        ("POST", "application/merge-patch+json", "{}", "unsupported-media-type"),
        ("POST", "text/plain", "{}", "unsupported-media-type"),
        ("POST", "application/json", "", "not-json"),
        ("POST", "application/json", "{\"a\":1,\"a\":1}", "not-json"),
        ("POST", "application/json", "{} x", "not-json"),
    ])
    func `a body is taken if it is JSON and says so`(
        method: String, type: String, body: String, problem: String?
    ) async throws {
        try await LiveServer.with(Self.table) { server in
            let answer = try await server.local("/echo", "-X", method, "-H", "Content-Type: \(type)", "-d", body)
            #expect(try answer.problem == problem)
            if problem == nil { #expect(answer.body == "{\"data\":\(body)}") }
        }
    }

    @Test func `a body is as long as its route permits`() async throws {
        let (tokens, token) = KnownTokens.one(.vpnWrite)
        let header = "Authorization: Bearer \(token)"
        try await LiveServer.with(Self.table, verifier: tokens) { server in
            let file = server.folder + "/body"
            try Data(repeating: 0x20, count: 2 << 20).write(to: URL(fileURLWithPath: file))
            let type = "Content-Type: application/json"
            for chunked in [[], ["-H", "Transfer-Encoding: chunked"]] {
                let arguments = ["-H", type, "--data-binary", "@\(file)"] + chunked
                let local = try await server.local("/echo", arguments)
                #expect(try local.problem == "too-large")
                #expect(local.status == 413)
                #expect(local.headers["connection"] == "close")
                for flag in ["--http1.1", "--http2"] {
                    let remote = try await server.remote("/echo", [flag, "-H", header] + arguments)
                    #expect(try remote.problem == "too-large")
                    #expect(remote.headers["connection"] == (flag == "--http2" ? nil : "close"))
                }
            }
            let permitted = try await server.local("/big", "--data-binary", "@\(file)")
            #expect(try permitted.json == ["data": .integer(2 << 20)])
        }
    }

    @Test(arguments: [("gzip", 415), ("identity", 200), ("identity, br", 415)])
    func `a body must not be compressed`(coding: String, status: Int) async throws {
        try await LiveServer.with(Self.table) { server in
            let answer = try await server.local(
                "/echo", "-H", "Content-Type: application/json", "-H", "Content-Encoding: \(coding)", "-d", "{}")
            #expect(answer.status == status)
            #expect(answer.headers["accept-encoding"] == (status == 415 ? "identity" : nil))
        }
    }

    @Test func `as many connections may wait on the Unix socket as the kernel permits`() async throws {
        try await LiveServer.with(Self.table) { server in
            let ceiling = try String(contentsOfFile: "/proc/sys/net/core/somaxconn", encoding: .utf8)
            let expected = min(4096, try #require(Int(ceiling.split(separator: "\n")[0])))
            let listening = try await Curl.run("/usr/bin/ss", ["-xlnH", "src", server.socket + ".new"])
            // Netid State Recv-Q Send-Q …; for a listener the fourth is its backlog.
            #expect(listening.split(separator: " ").dropFirst(3).first == "\(expected)")
        }
    }

    @Test func `what is no HTTP gets a bare 400 and the door`() async throws {
        try await LiveServer.with(Self.table) { server in
            let answer = try await RawConnection.talk("GE T / HTTX\r\n\r\n", to: server.socket)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test func `a client that never finishes its handshake or its head is shown the door`() async throws {
        var timeouts = Timeouts()
        timeouts.handshake = .milliseconds(100)
        timeouts.idle = .milliseconds(100)
        try await LiveServer.with(Self.table, timeouts: timeouts) { server in
            let port = try #require(UInt16(server.address.split(separator: ":")[1]))
            #expect(try await RawConnection.talk("", toPort: port).isEmpty)
            #expect(try await RawConnection.talk("GET / HTTP/1.1\r\nHost:", to: server.socket).isEmpty)
        }
    }

    @Test func `a socket that nobody answers on is replaced, another one is not`() throws {
        try withFolder { folder in
            let path = folder + "/api.sock"
            let first = try UnixSocket.listen(at: path)
            let taken = try #require(throws: ListenerError.self) { try UnixSocket.listen(at: path) }
            #expect(taken.description == "\(path): another process answers there; stop it first")
            close(first)
            let second = try UnixSocket.listen(at: path)
            close(second)
            UnixSocket.removeIfStale(path)
            #expect(!FileManager.default.fileExists(atPath: path))
            try PrivateFile.replace(path, with: "precious", mode: 0o600)
            let file = try #require(throws: ListenerError.self) { try UnixSocket.listen(at: path) }
            #expect(file.description == "\(path): there is something that is no socket; move it away")
            #expect(PrivateFile.read(path) == "precious")
        }
    }

    @Test func `a stop waits for the answer to an open request, and takes the socket away`() async throws {
        let (started, begin) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let slow = Route.get("/slow", .open) { _ in
            begin.finish()
            for await _ in released {}
            return .message("done")
        }
        let pending = Pending()
        try await LiveServer.with([slow]) { server in
            pending.start { try await server.local("/slow") }
            for await _ in started {}
            // The server is told to stop when this returns; the answer is held back until it has closed its door.
            Task {
                while (try? await server.local("/healthz")) != nil { await Task.yield() }
                release.finish()
            }
        }
        let answer = try await pending.value
        #expect(try answer.json == ["message": "done"])
    }
}

/// An answer that is on its way.
private final class Pending: @unchecked Sendable {
    // Written once, before it is read, by the same task.
    private var task: Task<Answer, any Error>?

    func start(_ body: @escaping @Sendable () async throws -> Answer) { task = Task { try await body() } }

    var value: Answer { get async throws { try await #require(task).value } }
}
