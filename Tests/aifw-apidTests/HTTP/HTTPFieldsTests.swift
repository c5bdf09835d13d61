import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct HTTPFieldsTests {
    @Test func `what is beyond ASCII becomes question marks, and nothing else changes`() {
        var fields: HTTPFields = [.accept: "text/plain", .ifMatch: "\"ä\", \"r1\"", .cookie: "a=b"]
        fields.append(HTTPField(name: .ifMatch, value: "€"))
        #expect(fields.ascii == [.accept: "text/plain", .ifMatch: "\"??\", \"r1\"", .cookie: "a=b", .ifMatch: "???"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a field of nothing but combining marks is compared in no time`() {
        // As they are, these take minutes.
        let fields: HTTPFields = [.ifMatch: String(repeating: "\u{0316}\u{0301}", count: 250_000)]
        #expect(fields.ascii[.ifMatch]?.lowercased() != "*")
    }
}
