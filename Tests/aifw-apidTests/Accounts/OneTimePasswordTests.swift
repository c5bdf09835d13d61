import Testing
import Wire

@testable import aifw_apid

@Suite struct OneTimePasswordTests {
    private static let password = Secret(Bytes("12345678901234567890".utf8)).flatMap(OneTimePassword.init)

    @Test(
        "RFC 6238, appendix B, SHA-1",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(Int64, String)])
    func vectors(seconds: Int64, code: String) throws {
        let password = try #require(Self.password)
        let step = OneTimePassword.step(at: Timestamp(milliseconds: seconds * 1000))
        #expect(String(decoding: password.code(ofStep: step, digits: 8), as: UTF8.self) == code)
        // Six digits are the last six of eight.
        #expect(String(decoding: password.code(ofStep: step), as: UTF8.self) == code.suffix(6))
    }

    @Test func `the codes of the step before and the one after are taken, others are not`() throws {
        let password = try #require(Self.password)
        let time = Timestamp(milliseconds: 1_234_567_890_000)
        let now = OneTimePassword.step(at: time)
        for step in now - 3...now + 3 {
            let code = try OneTimeCode(json: .text(String(decoding: password.code(ofStep: step), as: UTF8.self)))
            #expect(password.steps(of: code, at: time) == (abs(step - now) <= 1 ? [step] : []))
        }
    }

    @Test(arguments: ["", "12345", "1234567", "12345x", "１２３４５６", " 12345"])
    func `a code has six digits`(text: String) {
        #expect(throws: ValueError.self) { try OneTimeCode(json: .text(text)) }
    }

    @Test func `the seed is shown as authenticators take it`() throws {
        let password = try #require(Self.password)
        #expect(JSONString(password.base32).text == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(
            JSONString(password.uri(of: try Username("alice@example.org"))).text
                == "otpauth://totp/AiFw:alice@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=AiFw"
                + "&algorithm=SHA1&digits=6&period=30")
    }

    @Test(
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI"),
        ])
    func `base 32 is that of RFC 4648`(bytes: String, text: String) {
        let written = Bytes()
        Bytes(bytes.utf8).withUnsafeBytes { Base32.encode($0, to: written) }
        #expect(JSONString(written).text == text)
    }
}
