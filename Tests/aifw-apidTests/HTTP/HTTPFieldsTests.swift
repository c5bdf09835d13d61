import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct HTTPFieldsTests {
    @Test func `what is beyond ASCII becomes what no value has, and nothing else changes`() {
        var fields: HTTPFields = [.accept: "text/plain", .ifMatch: "\"ä\", \"r1\"", .cookie: "a=b"]
        fields.append(HTTPField(name: .ifMatch, value: "€"))
        let expected: HTTPFields = [
            .accept: "text/plain", .ifMatch: "\"\u{7F}\u{7F}\", \"r1\"", .cookie: "a=b", .ifMatch: "\u{7F}\u{7F}\u{7F}",
        ]
        #expect(fields.ascii == expected)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a field of nothing but combining marks is compared in no time`() {
        // As they are, these take minutes.
        let fields: HTTPFields = [.ifMatch: String(repeating: "\u{0316}\u{0301}", count: 250_000)]
        #expect(fields.ascii[.ifMatch]?.lowercased() != "*")
    }
}
