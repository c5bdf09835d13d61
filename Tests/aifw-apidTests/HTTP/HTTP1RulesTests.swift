import Testing
import Wire

@testable import aifw_apid

@Suite struct HTTP1RulesTests {
    private static let table: [Route] = [
        .get("/open", .open) { _ in .bare(["open": true]) },
        .post("/echo", .open) { context in .data(try await context.json()) },
        .post("/start", .open) { _ in .message("started") },
        .post("/import", .open, limit: Route.largeBodyLimit) { context in .data(try await context.json()) },
    ]

    /// The status lines that come back for `text` until the server closes, which it must do soon.
    private func answers(to text: String) async throws -> (statuses: [Int], text: String) {
        let received = Received()
        try await LiveServer.with(Self.table) { server in
            let took = try await ContinuousClock().measure {
                received.text = try await RawConnection.talk(text, to: server.socket)
            }
            // A connection that is merely idle is closed after 60 s.
            #expect(took < .seconds(50))
        }
        // An answer's body has no line end, so the next status line follows it at once.
        let statuses = received.text.split(separator: "HTTP/1.").compactMap { Int($0.dropFirst(2).prefix(3)) }
        return (statuses, received.text)
    }

    @Test(arguments: [
        "GET /open HTTP/1.0\r\n\r\n",
        "GET /open HTTP/1.0\r\nConnection: close\r\n\r\n",
        "GET /open HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
        "GET /open HTTP/1.1\r\nHost: x\r\nConnection: te, close\r\n\r\n",
    ])
    func `the connection ends after the answer to a client that wants that`(request: String) async throws {
        let (statuses, text) = try await answers(to: request)
        #expect(statuses == [200])
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.hasSuffix(#"{"open":true}"#))
    }

    @Test func `a connection is kept for as long as the client wants, in HTTP 1.0 too`() async throws {
        let (statuses, text) = try await answers(
            to: "GET /open HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /open HTTP/1.0\r\n\r\n")
        #expect(statuses == [200, 200])
        #expect(text.contains("\r\nConnection: keep-alive\r\n"))
    }

    @Test func `what follows the last request is not carried out`() async throws {
        let last = "GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        #expect(try await answers(to: last + last).statuses == [200])
    }

    @Test(arguments: ["", "Host: a\r\nHost: b\r\n"])
    func `a request without exactly one Host gets a bare 400 in its turn, and the door`(host: String) async throws {
        let bad = "GET /open HTTP/1.1\r\n\(host)\r\n"
        #expect(try await answers(to: bad + bad).statuses == [400])
        #expect(try await answers(to: "GET /open HTTP/1.1\r\nHost: x\r\n\r\n" + bad).statuses == [200, 400])
    }

    @Test(arguments: [
        "Content-Length: 1048577\r\n\r\n{",
        "Transfer-Encoding: chunked\r\n\r\n100001\r\n" + String(repeating: " ", count: 0x100001) + "\r\n",
    ])
    func `after a 413 the connection ends, though the body has not`(rest: String) async throws {
        let (statuses, text) = try await answers(to: "POST /echo HTTP/1.1\r\nHost: x\r\n" + rest)
        #expect(statuses == [413])
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.contains(#""type":"/problems/too-large""#))
    }

    @Test func `a body that nobody asked for is tolerated up to the limit`() async throws {
        let head = "POST /start HTTP/1.1\r\nHost: x\r\n"
        let next = "GET /open HTTP/1.0\r\n\r\n"
        #expect(try await answers(to: head + "Content-Length: 2\r\n\r\n{}" + next).statuses == [200, 200])
        #expect(try await answers(to: head + "Content-Length: 1048577\r\n\r\n{}").statuses == [413])
        // Without an announced length the answer is there before the body; the client is shown the door in its midst.
        let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
        let endless = head + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 64)
        let (statuses, text) = try await answers(to: endless)
        #expect(statuses == [200] && text.contains("\r\nConnection: close\r\n"))
    }

    @Test func `an answer in the midst of a body too long to be read ends the connection`() async throws {
        let head = "POST /import HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        let body = String(repeating: " ", count: 3 << 20)
        let (statuses, text) = try await answers(to: "\(head)Content-Length: \(3 << 20)\r\n\r\n\(body)")
        #expect(statuses == [415])
        #expect(text.contains("\r\nConnection: close\r\n"))
        // One that is not is read, and the next request answered.
        let next = "GET /open HTTP/1.0\r\n\r\n"
        #expect(try await answers(to: "\(head)Content-Length: 2\r\n\r\n{}\(next)").statuses == [415, 200])
    }
}

/// What a connection received.
private final class Received: @unchecked Sendable {
    // Written once, before it is read, by one task after the other.
    var text = ""
}
