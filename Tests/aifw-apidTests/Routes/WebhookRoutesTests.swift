import Testing
import Wire

@testable import aifw_apid

@Suite struct WebhookRoutesTests {
    private static let body = #"{"name":"inventory","url":"https://hooks.example.org/vpn"}"#

    @Test func `the secret is shown once, and the log has none`() async throws {
        try await AccountServer.with { server in
            let made = try await server.local("POST", "/webhooks", Self.body)
            #expect(made.status == 201 && made.headers["cache-control"] == "no-store", "\(made.body)")
            let data = try #require(try made.json["data"])
            let secret = try #require(data["secret"]?.text)
            let id = try #require(data["id"]?.text)
            #expect(secret.hasPrefix("whsec_") && data["status"] == "ok" && data["enabled"] == true)
            for path in ["/webhooks", "/webhooks/\(id)", "/audit"] {
                let answer = try await server.local("GET", path)
                #expect(answer.status == 200 && !answer.body.contains("whsec_"), "\(answer.body)")
            }
            let rotated = try await server.local("POST", "/webhooks/\(id)/rotate")
            let other = try #require(try rotated.json["data"]?["secret"]?.text)
            #expect(rotated.headers["cache-control"] == "no-store" && other != secret)
            #expect(try await server.log(1).first?.changes == ["secret": "changed"])
            #expect(try await server.local("DELETE", "/webhooks/\(id)").status == 200)
            #expect(try await server.local("GET", "/webhooks/\(id)").status == 404)
        }
    }

    @Test func `a URL that leads to this host is refused where it is given, and http is warned of`() async throws {
        try await AccountServer.with { server in
            for url in ["https://127.0.0.1:8443/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest"] {
                let answer = try await server.local("POST", "/webhooks", #"{"name":"x","url":"\#(url)"}"#)
                #expect(answer.status == 422 && answer.body.contains("must lead where webhooks may call"), "\(url)")
            }
            let answer = try await server.local("POST", "/webhooks", #"{"name":"x","url":"http://192.0.2.9/"}"#)
            #expect(answer.status == 201)
            #expect(try answer.json["warnings"]?.elements?.count == 1)
            let id = try #require(try answer.json["data"]?["id"]?.text)
            let moved = try await server.local("PATCH", "/webhooks/\(id)", #"{"url":"https://localhost.:1/"}"#)
            #expect(moved.status == 422)
            let looped = try await server.local("PATCH", "/webhooks/\(id)", #"{"url":"https://[::1]/"}"#)
            #expect(looped.status == 422)
        }
    }

    @Test func `all faults are told, and there are so many webhooks at most`() async throws {
        try await AccountServer.with { server in
            let wrong = #"{"name":"","url":"x","events":["all"],"objects":[],"enabled":null,"secret":"mine"}"#
            let answer = try await server.local("POST", "/webhooks", wrong)
            let fields = try answer.json["errors"]?.elements?.compactMap { $0["field"]?.text } ?? []
            #expect(answer.status == 422)
            #expect(Set(fields) == ["name", "url", "events", "objects", "enabled", "secret"])
            for number in 0..<Webhooks.limit {
                let body = #"{"name":"hook \#(number)","url":"https://hooks.example.org/","objects":["peer"]}"#
                #expect(try await server.local("POST", "/webhooks", body).status == 201)
            }
            let more = try await server.local("POST", "/webhooks", Self.body)
            #expect(more.status == 409 && more.body.contains("32 webhooks already"), "\(more.body)")
        }
    }

    @Test func `only administrators see them, and If-Match is honoured`() async throws {
        try await AccountServer.with { server in
            _ = try await server.add(scopes: #"["vpn:read","vpn:write","vpn:secrets"]"#)
            let session = try await server.session()
            #expect(try await server.remote("GET", "/webhooks", nil, session.headers).status == 403)
            #expect(try await server.remote("POST", "/webhooks", Self.body, session.headers).status == 403)
            let id = try #require(try await server.local("POST", "/webhooks", Self.body).json["data"]?["id"]?.text)
            let whole = try #require(try await server.local("GET", "/webhooks/\(id)").json["data"]).words
            server.fixture.clock.advance(milliseconds: 1000)
            #expect(try await server.local("PATCH", "/webhooks/\(id)", #"{"enabled":false}"#).status == 200)
            for (method, path, body) in [
                ("PATCH", "", #"{"enabled":true}"#), ("PATCH", "", whole), ("DELETE", "", nil),
                ("POST", "/rotate", nil),
            ] {
                let answer = try await server.local(method, "/webhooks/\(id)\(path)", body, "-H", #"If-Match: "r0""#)
                #expect(answer.status == 412, "\(method)")
            }
            let again = try await server.local("POST", "/webhooks", Self.body)
            #expect(again.status == 409 && again.body.contains("/problems/name-in-use"))
        }
    }
}
