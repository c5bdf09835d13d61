import Testing
import Wire

@testable import aifw_apid

@Suite struct AuditTests {
    @Test func `a line of the log says who, from where, what, and what was changed`() async throws {
        try await AccountServer.with { api in
            let id = try await api.add()
            let answer = try await api.local("GET", "/audit")
            #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
            let name = try #require(try answer.json["data"]?.elements?.first?["actor"]?["name"]?.text)
            #expect(name.hasPrefix("uid "))
            #expect(
                try answer.json == [
                    "data": [
                        [
                            "revision": 1, "time": api.fixture.clock.now.json,
                            "actor": ["kind": "account", "name": .text(name)], "origin": "local", "action": "create",
                            "object": ["type": "user", "id": .text(id), "name": "alice"],
                            "changes": ["scopes": ["vpn:read"]],
                        ]
                    ], "total": 1,
                ])
        }
    }

    @Test func `pages follow each other either way, whatever comes meanwhile`() async throws {
        try await AccountServer.with { api in
            func write(_ count: Int) async throws {
                try await api.fixture.store.write { transaction in
                    for _ in 0..<count { try transaction.log(.login, of: nil, by: .tester) }
                }
            }
            for (sort, expected) in [("-revision", [7, 6, 5, 4, 3, 2, 1]), ("revision", [1, 2, 3, 4, 5, 6, 7])] {
                if sort == "-revision" { try await write(7) }
                var revisions: [Int64] = []
                var cursor: String?
                repeat {
                    let page = try await api.local(
                        "GET", "/audit?limit=3&sort=\(sort)" + (cursor.map { "&cursor=\($0)" } ?? "")
                    ).json
                    revisions += (page["data"]?.elements ?? []).compactMap { $0["revision"]?.integer }
                    cursor = page["next_cursor"]?.text
                    // The newest come first, so what comes while somebody reads is before where he is.
                    if sort == "-revision", revisions.count == 3 { try await write(2) }
                } while cursor != nil
                #expect(revisions.prefix(7) == expected.map(Int64.init)[...])
            }
        }
    }

    @Test func `the log is searched by name, action and object`() async throws {
        try await AccountServer.with { api in
            let alice = try await api.add()
            _ = try await api.add("bob")
            _ = try await api.session()
            _ = try await api.login("mallory")
            func found(_ query: String) async throws -> [String] {
                let json = try await api.local("GET", "/audit?\(query)").json
                let lines = json["data"]?.elements ?? []
                #expect(json["total"] == .integer(Int64(lines.count)))
                return lines.compactMap { $0["action"]?.text }
            }
            #expect(try await found("") == ["login_failed", "login", "create", "create"])
            #expect(try await found("q=ALICE") == ["login", "create"])
            #expect(try await found("q=mallory") == ["login_failed"])
            #expect(try await found("action=create") == ["create", "create"])
            #expect(try await found("object=\(alice)") == ["login", "create"])
            #expect(try await found("object=\(alice)&action=login&q=alice") == ["login"])
            #expect(try await found("q=nobody") == [])
        }
    }

    @Test(
        arguments: [
            ("limit=0", "limit"), ("sort=name", "sort"), ("action=creat", "action"), ("object=x", "object"),
            ("cursor=x", "cursor"), ("colour=red", "colour"),
        ])
    func `a wrong query is named`(query: String, field: String) async throws {
        try await AccountServer.with { api in
            let answer = try await api.local("GET", "/audit?\(query)")
            #expect(try answer.status == 422 && answer.faults.keys.contains(field))
        }
    }

    @Test func `a cursor belongs to its sort, and the log to administrators`() async throws {
        try await AccountServer.with { api in
            let cursor = AuditQuery().cursor(after: 7)
            #expect(try await api.local("GET", "/audit?cursor=\(cursor)").status == 200)
            #expect(try await api.local("GET", "/audit?cursor=\(cursor)&sort=revision").status == 422)
            _ = try await api.add("reader", scopes: #"["vpn:read","vpn:write","vpn:secrets"]"#)
            let session = try await api.session("reader")
            for path in ["/audit", "/users", "/tokens"] {
                #expect(try await api.remote("GET", path, nil, session.headers).problem == "forbidden")
            }
        }
    }
}
