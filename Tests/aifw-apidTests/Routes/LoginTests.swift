import Testing
import Wire

@testable import aifw_apid

@Suite struct LoginTests {
    @Test func `a log-in gives a cookie, which does what the user may, and a log-out ends it`() async throws {
        try await AccountServer.with { api in
            let id = try await api.add()
            let answer = try await api.login()
            #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
            let data = try #require(try answer.json["data"])
            #expect(data["username"] == "alice" && data["scopes"] == ["vpn:read"])
            #expect(
                data["expires_at"]
                    == Timestamp(milliseconds: api.fixture.clock.now.milliseconds + 12 * 3_600_000).json)
            let session = try await api.session()
            let reading = ["-H", "Cookie: \(session.cookie)"]
            #expect(try await api.remote("GET", "/vpn/ipsec", nil, reading).status == 200)
            #expect(try await api.remote("GET", "/users", nil, reading).problem == "forbidden")
            // Of the page that was loaded anew.
            let seen = try await api.remote("GET", "/auth/session", nil, reading)
            #expect(
                try seen.json["data"] == [
                    "kind": "user", "name": "alice", "scopes": ["vpn:read"], "csrf_token": .text(session.csrf),
                    "expires_at": data["expires_at"] ?? nil,
                ])
            #expect(seen.headers["cache-control"] == "no-store")
            #expect(try await api.remote("POST", "/auth/logout", nil, reading).problem == "csrf")
            let out = try await api.remote("POST", "/auth/logout", nil, session.headers)
            #expect(out.body == #"{"message":"Logged out"}"#)
            #expect(out.headers["set-cookie"]?.hasPrefix("__Host-aifw=; Path=/; Max-Age=0; Secure") == true)
            #expect(try await api.remote("GET", "/auth/session", nil, reading).problem == "unauthenticated")
            let log = try await api.log()
            #expect(log.map(\.action) == [.login, .login, .create])
            #expect(log[0].author == Author(kind: .user, name: "alice", origin: "127.0.0.1"))
            #expect(log[0].object?.id.description == id && log[0].changes == nil)
        }
    }

    @Test func `a wrong password and an unknown user are answered alike, and logged`() async throws {
        try await AccountServer.with { api in
            _ = try await api.add()
            let wrong = try await api.login("alice", "wrong horse battery")
            let unknown = try await api.login("mallory")
            let formless = try await api.login("al ice")
            for answer in [wrong, unknown, formless] {
                #expect(try answer.problem == "login-failed")
                #expect(answer.status == 401 && answer.headers["set-cookie"] == nil)
                #expect(answer.headers["www-authenticate"] == "Bearer realm=\"aifw\"")
                #expect(answer.body == wrong.body)
            }
            let log = try await api.log(3)
            #expect(log.map(\.action) == [.loginFailed, .loginFailed, .loginFailed])
            #expect(log.map(\.author.kind) == [.anyone, .anyone, .anyone])
            #expect(log.map(\.author.name) == ["-", "mallory", "alice"], "what can't be a name is not repeated")
            #expect(log.map { $0.object?.name.description } == [nil, nil, "alice"])
            #expect(log[2].changes == ["reason": "wrong password"])
        }
    }

    @Test func `failures are slowed down, and those that were not taken are not logged`() async throws {
        try await AccountServer.with { api in
            _ = try await api.add()
            for _ in 0..<3 { #expect(try await api.login("alice", "wrong horse battery").status == 401) }
            let slowed = try await api.login()
            #expect(try slowed.problem == "too-many-requests")
            #expect(slowed.headers["retry-after"] == "1")
            #expect(try await api.log().filter { $0.action == .loginFailed }.count == 3)
            api.fixture.clock.advance(milliseconds: 1000)
            #expect(try await api.login().status == 200)
        }
    }

    @Test func `a page of another site can't log anybody in`() async throws {
        try await AccountServer.with { api in
            _ = try await api.add()
            for (site, status) in ["cross-site": 403, "same-site": 403, "x": 403, "same-origin": 200, "none": 200] {
                let answer = try await api.login("alice", AccountServer.password, "", "-H", "Sec-Fetch-Site: \(site)")
                #expect(answer.status == status)
                #expect(try answer.problem == (status == 403 ? "csrf" : nil))
            }
        }
    }

    @Test func `every fault of a log-in is named, and no password repeated`() async throws {
        try await AccountServer.with { api in
            let answer = try await api.remote(
                "POST", "/auth/login", #"{"username":7,"password":["hunter2hunter2"],"totp":"x","user":"a"}"#)
            #expect(answer.status == 422)
            #expect(try Set(answer.faults.keys) == ["username", "password", "totp", "user"])
            #expect(!answer.body.contains("hunter2"))
            let long = try await api.remote(
                "POST", "/auth/login", #"{"username":"alice","password":"\#(String(repeating: "x", count: 20_000))"}"#)
            #expect(long.status == 413)
        }
    }

    // MARK: One-time passwords

    @Test func `with one-time passwords each code lets in once, and a password alone does not`() async throws {
        try await AccountServer.with { api in
            let id = try await api.add()
            let before = try await api.session()
            let password = try await api.enrol(id)
            // Not confirmed, it is not asked for, and the session goes on.
            #expect(try await api.remote("GET", "/auth/session", nil, before.headers).status == 200)
            let wrong = try await api.local("PUT", "/users/\(id)/totp", #"{"code":"\#(api.code(password, after: 5))"}"#)
            #expect(try wrong.status == 422 && wrong.faults.keys.contains("code"))
            let confirmed = try await api.local("PUT", "/users/\(id)/totp", #"{"code":"\#(api.code(password))"}"#)
            #expect(try confirmed.status == 200 && confirmed.json["data"]?["has_totp"] == true)
            #expect(try await api.remote("GET", "/auth/session", nil, before.headers).status == 401)

            #expect(try await api.login().problem == "totp-needed")
            // The code that confirmed it has been seen by whoever stood by.
            let seen = #","totp":"\#(api.code(password))""#
            #expect(try await api.login("alice", AccountServer.password, seen).problem == "login-failed")
            api.fixture.clock.advance(milliseconds: 30_000)
            let more = #","totp":"\#(api.code(password))""#
            #expect(try await api.login("alice", "wrong horse battery", more).problem == "login-failed")
            _ = try await api.session("alice", more)
            #expect(try await api.login("alice", AccountServer.password, more).problem == "login-failed")
            #expect(try await api.log(1)[0].changes == ["reason": "wrong one-time password"])

            api.fixture.clock.advance(milliseconds: 600_000)
            let removed = try await api.local("DELETE", "/users/\(id)/totp")
            #expect(removed.body == #"{"message":"TOTP removed"}"#)
            _ = try await api.session()
        }
    }

    @Test func `an enrolment is made anew until it is confirmed, and says what it waits for`() async throws {
        try await AccountServer.with { api in
            let id = try await api.add()
            let early = try await api.local("PUT", "/users/\(id)/totp", #"{"code":"123456"}"#)
            #expect(try early.problem == "conflict")
            let first = try await api.enrol(id)
            let second = try await api.enrol(id)
            #expect(try await api.local("PUT", "/users/\(id)/totp", #"{"code":"\#(api.code(first))"}"#).status == 422)
            #expect(try await api.local("PUT", "/users/\(id)/totp", #"{"code":"\#(api.code(second))"}"#).status == 200)
            #expect(try await api.local("POST", "/users/\(id)/totp").problem == "conflict")
            #expect(try await api.local("POST", "/users/\(ObjectID.random())/totp").status == 404)
            let log = try await api.log(3)
            #expect(log[0].changes == ["has_totp": ["from": false, "to": true]])
            #expect(log[1].changes == ["totp": "changed"] && log[2].changes == ["totp": "set"])
        }
    }

    // MARK: Who else asks

    @Test func `who came by the socket or by a token is told so, and has no session to end`() async throws {
        try await AccountServer.with { api in
            let local = try await api.local("GET", "/auth/session").json["data"]
            #expect(local?["kind"] == "account" && local?["scopes"] == ["admin"] && local?["csrf_token"] == .null)
            let made = try await api.local("POST", "/tokens", #"{"name":"ci","scopes":["vpn:read"]}"#)
            let bearer = ["-H", "Authorization: Bearer \(try #require(try made.json["data"]?["token"]?.text))"]
            let token = try await api.remote("GET", "/auth/session", nil, bearer).json["data"]
            #expect(
                token == [
                    "kind": "token", "name": "ci", "scopes": ["vpn:read"], "csrf_token": nil, "expires_at": nil,
                ])
            #expect(try await api.remote("POST", "/auth/logout", nil, bearer).problem == "conflict")
            #expect(try await api.remote("GET", "/auth/session").problem == "unauthenticated")
        }
    }
}
