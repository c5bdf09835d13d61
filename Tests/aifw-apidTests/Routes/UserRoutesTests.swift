import Testing
import Wire

@testable import aifw_apid

@Suite struct UserRoutesTests {
    @Test func `a user is made, listed, changed and deleted`() async throws {
        try await AccountServer.with { api in
            let answer = try await api.local(
                "POST", "/users",
                #"{"username":"Alice","password":"\#(AccountServer.password)","scopes":["vpn:read","vpn:write"]}"#)
            #expect(answer.status == 201 && answer.headers["etag"] == "\"r1\"")
            let data = try #require(try answer.json["data"])
            let id = try #require(data["id"]?.text)
            #expect(answer.headers["location"] == "/api/v1/users/\(id)")
            let time = api.fixture.clock.now.json
            #expect(
                data == [
                    "id": .text(id), "username": "Alice", "scopes": ["vpn:read", "vpn:write"], "has_totp": false,
                    "created_at": time, "updated_at": time, "last_login_at": nil,
                ])
            #expect(try await api.local("GET", "/users/\(id)").json["data"] == data)
            _ = try await api.add("bob")
            #expect(try await api.local("GET", "/users?q=ALI").json == ["data": [data], "total": 1])
            let page = try await api.local("GET", "/users?limit=1&sort=-name").json
            #expect(page["data"]?.elements?.first?["username"] == "bob" && page["total"] == 2)
            let cursor = try #require(page["next_cursor"]?.text)
            let last = try await api.local("GET", "/users?limit=1&sort=-name&cursor=\(cursor)").json
            #expect(last["data"] == [data] && last["next_cursor"] == nil)

            let stale = try await api.local("PATCH", "/users/\(id)", #"{"username":"eve"}"#, "-H", "If-Match: \"r9\"")
            #expect(stale.status == 412)
            api.fixture.clock.advance(milliseconds: 1000)
            let patched = try await api.local(
                "PATCH", "/users/\(id)", #"{"username":"alicia","scopes":["admin"],"has_totp":false}"#, "-H",
                "If-Match: \"r1\"")
            #expect(try patched.status == 200 && patched.json["data"]?["username"] == "alicia")
            #expect(patched.headers["etag"] != "\"r1\"")
            let whole = try await api.local("PATCH", "/users/\(id)", data.words, "-H", "If-Match: \"r1\"")
            #expect(whole.status == 412, "what was read before is not judged by what there is now")
            #expect(
                try await api.log(1)[0].changes == [
                    "username": ["from": "Alice", "to": "alicia"],
                    "scopes": ["from": ["vpn:read", "vpn:write"], "to": ["admin"]],
                ])
            #expect(try await api.local("DELETE", "/users/\(id)").body == #"{"message":"User deleted"}"#)
            #expect(try await api.local("GET", "/users/\(id)").problem == "not-found")
            #expect(try await api.local("DELETE", "/users/\(id)").problem == "not-found")
        }
    }

    @Test func `a new password ends the sessions, and is the one that counts`() async throws {
        try await AccountServer.with { api in
            let id = try await api.add()
            let session = try await api.session()
            #expect(try await api.local("PATCH", "/users/\(id)", #"{"password":"another horse"}"#).status == 200)
            #expect(try await api.remote("GET", "/auth/session", nil, session.headers).status == 401)
            #expect(try await api.login().problem == "login-failed")
            #expect(try await api.login("alice", "another horse").status == 200)
            let line = try await api.log(3)[2]
            #expect(line.action == .update && line.changes == ["password": "changed"])
        }
    }

    @Test func `every fault of a new user is named`() async throws {
        try await AccountServer.with { api in
            let answer = try await api.local(
                "POST", "/users", #"{"username":"a b","password":"short","scopes":["root"],"pasword":"x"}"#)
            #expect(answer.status == 422)
            #expect(try Set(answer.faults.keys) == ["username", "password", "scopes", "pasword"])
            #expect(!answer.body.contains("short"))
            let id = try await api.add()
            let nulls = try await api.local(
                "PATCH", "/users/\(id)", #"{"username":null,"password":null,"scopes":null,"has_totp":true}"#)
            #expect(try Set(nulls.faults.keys) == ["username", "password", "scopes", "has_totp"])
            let clash = try await api.local(
                "POST", "/users", #"{"username":"ALICE","password":"\#(AccountServer.password)","scopes":["admin"]}"#)
            #expect(try clash.problem == "name-in-use" && clash.faults.keys.contains("username"))
        }
    }

    // MARK: The first administrator

    @Test func `the first administrator is made by a code from the host, once`() async throws {
        try await AccountServer.with { api in
            let made = try await api.local("POST", "/auth/setup-code")
            #expect(made.status == 201 && made.headers["cache-control"] == "no-store")
            let code = try #require(try made.json["data"]?["code"]?.text)
            #expect(
                try made.json["data"]?["expires_at"]
                    == Timestamp(milliseconds: api.fixture.clock.now.milliseconds + 900_000).json)
            let body = #"{"code":"\#(code)","username":"root","password":"\#(AccountServer.password)"}"#
            let done = try await api.remote("POST", "/auth/setup", body)
            #expect(try done.status == 201 && done.json["data"]?["scopes"] == ["admin"])
            let session = try await api.session("root")
            #expect(try await api.remote("GET", "/users", nil, session.headers).status == 200)
            #expect(try await api.remote("POST", "/auth/setup", body).problem == "setup-done")
            #expect(try await api.local("POST", "/auth/setup-code").problem == "setup-done")
            // An administrator from the network can't make one either.
            #expect(try await api.remote("POST", "/auth/setup-code", nil, session.headers).problem == "forbidden")
            #expect(try await api.remote("POST", "/auth/setup-code").problem == "unauthenticated")
            let log = try await api.log()
            #expect(log.map(\.action) == [.login, .create, .create])
            #expect(log[1].author == Author(kind: .anyone, name: "set-up code", origin: "127.0.0.1"))
        }
    }

    @Test func `a code ends after five tries, after a quarter of an hour, and with the next one`() async throws {
        try await AccountServer.with { api in
            func code() async throws -> String {
                try #require(try await api.local("POST", "/auth/setup-code").json["data"]?["code"]?.text)
            }
            func setUp(_ code: String) async throws -> Answer {
                // Out of the throttle's way, and far from the code's end.
                api.fixture.clock.advance(milliseconds: 61_000)
                return try await api.remote(
                    "POST", "/auth/setup",
                    #"{"code":"\#(code)","username":"root","password":"\#(AccountServer.password)"}"#)
            }
            let wrong = try #require(SetupCode.random().shown.text)
            #expect(try await setUp(wrong).problem == "setup-code-refused", "there is none yet")
            let first = try await code()
            for _ in 0..<5 { #expect(try await setUp(wrong).problem == "setup-code-refused") }
            #expect(try await setUp(first).problem == "setup-code-refused", "five tries")
            let second = try await code()
            #expect(try await setUp("not a code").problem == "setup-code-refused")
            let third = try await code()
            #expect(try await setUp(second).problem == "setup-code-refused", "another one took its place")
            api.fixture.clock.advance(milliseconds: 900_000)
            #expect(try await setUp(third).problem == "setup-code-refused", "too old")
            let fourth = try await code()
            for _ in 0..<4 { #expect(try await setUp(wrong).problem == "setup-code-refused") }
            #expect(try await setUp(fourth).status == 201, "the fifth try")
        }
    }
}
