import HTTPTypes
import Testing
import Wire

@testable import aifw_apid

@Suite struct ProblemTests {
    @Test(arguments: ProblemCode.allCases)
    func `every code is a word for clients, an error status and a title`(code: ProblemCode) {
        #expect(code.type == "/problems/" + code.rawValue)
        #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
        #expect((400...599).contains(code.status.code))
        #expect(!code.title.isEmpty)
    }

    @Test(arguments: [
        (ProblemCode.notJSON, 400), (.unauthenticated, 401), (.forbidden, 403), (.notFound, 404),
        (.methodNotAllowed, 405), (.notAcceptable, 406), (.addressInUse, 409), (.preconditionFailed, 412),
        (.tooLarge, 413),
        (.unsupportedMediaType, 415), (.invalid, 422), (.tooManyRequests, 429), (.internalError, 500),
        (.kernelRefused, 502), (.helperUnavailable, 503),
    ])
    func `a code has the status of the contract`(code: ProblemCode, status: Int) {
        #expect(code.status.code == status)
    }

    @Test func `a problem is written with all of its faults`() {
        let problem = Problem.invalid([
            .init(field: "mtu", detail: "is odd"), .init(field: "name", detail: "is needed"),
        ])
        #expect(
            problem.json == [
                "type": "/problems/invalid", "title": "A value is wrong", "status": 422,
                "detail": "2 values are wrong: mtu, name",
                "errors": [["field": "mtu", "detail": "is odd"], ["field": "name", "detail": "is needed"]],
            ])
    }

    @Test func `one fault is the detail`() {
        #expect(Problem.invalid([.init(field: "name", detail: "is needed")]).detail == "name is needed")
    }

    @Test func `the words of many faults name the first, the list has them all`() {
        let problem = Problem.invalid((0..<100).map { .init(field: "peers[\($0)]", detail: "must be an object") })
        #expect(problem.errors.count == 100)
        #expect(problem.detail.hasPrefix("100 values are wrong: peers[0], peers[1], "))
        #expect(problem.detail.hasSuffix("peers[19], …"))
    }

    @Test func `a JSON error says what and where`() throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(Bytes("{\"a\":1,}".utf8)) }
        #expect(error.problem.code == .notJSON)
        #expect(error.problem.detail.contains("at byte 7"))
    }
}
