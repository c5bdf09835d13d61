import Testing
import Wire

@testable import aifw_apid

@Suite struct SecretsOfLoginTests {
    @Test func `a session's cookie is for this host over TLS alone, and comes back as it was`() throws {
        let session = SessionSecret.random()
        let cookie = session.cookie(seconds: 43_200)
        #expect(cookie.hasPrefix("__Host-aifw="))
        #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"))
        let back = try #require(SessionSecret(cookieHeader: "a=b; \(cookie)"))
        #expect(back.hash == session.hash && back.csrfToken == session.csrfToken)
        #expect(SessionSecret.random().hash != session.hash)
        #expect("\(session)" == "(session)")
        #expect(SessionSecret.noCookie.hasPrefix("__Host-aifw=; Path=/; Max-Age=0;"))
    }

    @Test func `the token against other sites is the session's own, and not the cookie`() {
        let session = SessionSecret.random()
        #expect(session.isCSRFToken(session.csrfToken))
        #expect(!session.isCSRFToken(SessionSecret.random().csrfToken))
        #expect(!session.isCSRFToken(""))
        #expect(!session.isCSRFToken(session.csrfToken + "x"))
        #expect(!session.cookie(seconds: 1).contains(session.csrfToken))
    }

    @Test func `a set-up code is 128 bits, and may be typed in either case without hyphens`() throws {
        let code = SetupCode.random()
        let shown = try #require(code.shown.text)
        let groups = shown.split(separator: "-")
        #expect(groups.map(\.count) == [5, 5, 5, 5, 6])
        for text in [shown, shown.lowercased(), groups.joined(), groups.joined(separator: " ")] {
            #expect(SetupCode(json: JSONString(text))?.hash == code.hash)
        }
        #expect(SetupCode.random().hash != code.hash)
        #expect("\(code)" == "(set-up code)")
    }

    @Test(arguments: ["", "ABCDE", "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY1", "ABCDE-FGHIJ-KLMNO-PQRST-UVWXYZA"])
    func `what has not a code's form is none`(text: String) {
        #expect(SetupCode(json: JSONString(text)) == nil)
    }

    @Test(
        arguments: [
            ("alice", true), ("Alice.B_c@example-1.org", true), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false), ("", false), ("al ice", false), ("älice", false),
            ("a/b", false), ("a\u{0}", false), ("a\n", false),
        ])
    func `a username has its alphabet`(text: String, isTaken: Bool) {
        #expect(((try? Username(text)) != nil) == isTaken)
    }
}
