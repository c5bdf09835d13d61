import HTTPTypes
import HummingbirdCore
import Testing
import Wire

@testable import aifw_apid

@Suite struct ConditionsTests {
    private let current = ETag(revision: 42)

    @Test(arguments: ["*", "\"r42\"", "\"r1\", \"r42\"", "\"r1\",\"r42\"", "W/\"r1\", \"r42\""])
    func `If-Match lets the version through that it lists`(value: String) throws {
        try Conditions([.ifMatch: value]).permit(current)
    }

    @Test func `without If-Match everything is let through`() throws {
        try Conditions([:]).permit(current)
    }

    @Test(arguments: ["\"r41\"", "W/\"r42\"", "r42", "", "\"r42", "\"r4\", \"2\"", "**"])
    func `If-Match refuses any other version, and weak tags`(value: String) throws {
        let problem = try #require(throws: Problem.self) { try Conditions([.ifMatch: value]).permit(current) }
        #expect(problem.code == .preconditionFailed)
    }

    @Test(arguments: [
        ("\"r42\"", true), ("W/\"r42\"", true), ("*", true), ("\"r1\", \"r42\"", true), ("\"r41\"", false),
        ("r42", false),
    ])
    func `If-None-Match knows the version that the caller has`(value: String, known: Bool) {
        let response = Response.bare([:], etag: current)
        #expect(Conditions([.ifNoneMatch: value]).isKnown(response, to: .get) == known)
        #expect(!Conditions([.ifNoneMatch: value]).isKnown(response, to: .post))
    }

    @Test func `an answer without a tag is never known`() {
        #expect(!Conditions([.ifNoneMatch: "*"]).isKnown(Response.bare([:]), to: .get))
    }

    @Test func `304 has no body and repeats the tag`() {
        let response = Response.notModified(Response.bare(["a": 1], etag: current))
        #expect(response.status == .notModified)
        #expect(response.headers[.eTag] == "\"r42\"")
        #expect(response.headers[.contentLength] == nil)
        #expect(response.body.contentLength == 0)
    }
}
