import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct HTTPFieldsTests {
    @Test func `in a long value what is beyond ASCII becomes question marks, and nothing else changes`() {
        var fields: HTTPFields = [.accept: "text/plain", .ifMatch: "\"ä\", \"r1\"", .cookie: "a=b"]
        let tail = String(repeating: "x", count: 256)
        fields.append(HTTPField(name: .ifMatch, value: "€" + tail))
        let expected: HTTPFields = [
            .accept: "text/plain", .ifMatch: "\"ä\", \"r1\"", .cookie: "a=b", .ifMatch: "???" + tail,
        ]
        #expect(fields.ascii == expected)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a field of nothing but combining marks is compared in no time`() {
        // As they are, these take minutes.
        let fields: HTTPFields = [.ifMatch: String(repeating: "\u{0316}\u{0301}", count: 250_000)]
        #expect(fields.ascii[.ifMatch]?.lowercased() != "*")
    }
}
