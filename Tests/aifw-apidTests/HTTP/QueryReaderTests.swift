import Testing
import Wire

@testable import aifw_apid

@Suite struct QueryReaderTests {
    private func faults(_ query: QueryReader) throws -> [String] {
        let problem = try #require(throws: Problem.self) { try query.finish() }
        return problem.errors.map { "\($0.field): \($0.detail)" }
    }

    @Test func `values are decoded`() throws {
        let query = QueryReader("q=caf%C3%A9+no%2B1&split_tunnel=true&empty")
        #expect(query.text("q") == "café no+1")
        #expect(query.flag("split_tunnel") == true)
        #expect(query.text("empty") == "")
        #expect(query.text("missing") == nil)
        try query.finish()
    }

    @Test func `all faults are reported at once`() throws {
        let query = QueryReader("limit=0&sort=size&limt=5&q=%zz&flag=yes&flag=no")
        _ = ListQuery(query)
        _ = query.flag("flag")
        #expect(
            try faults(query) == [
                "q: is not percent-encoded UTF-8", "flag: is given twice",
                "limit: must be a whole number from 1 to 1000",
                "sort: must be one of name, -name, created_at, -created_at", "flag: must be true or false",
                #"limt: is not known here; did you mean "limit"?"#,
            ])
    }

    @Test(arguments: ["1", "1000"])
    func `a limit within the range is taken`(text: String) throws {
        let query = QueryReader("limit=\(text)")
        #expect(ListQuery(query).limit == Int(text))
        try query.finish()
    }

    @Test(arguments: ["1001", "-1", "+5", "1.0", "", "99999999999999999999"])
    func `a limit outside the range is refused`(text: String) throws {
        let query = QueryReader("limit=" + text.replacing("+", with: "%2B"))
        _ = ListQuery(query)
        #expect(try faults(query) == ["limit: must be a whole number from 1 to 1000"])
    }

    @Test func `a cursor comes back as it was given out`() throws {
        let cursor = Cursor(sort: .nameDescending, key: "büro \"1\"", id: .random())
        let query = QueryReader("sort=-name&cursor=\(cursor)")
        #expect(ListQuery(query).cursor == cursor)
        try query.finish()
    }

    @Test(arguments: ["x", "W10", "bm9wZQ", "===="])
    func `a cursor that is not ours is refused`(text: String) throws {
        let query = QueryReader("cursor=\(text)")
        _ = ListQuery(query)
        #expect(try faults(query) == ["cursor: must be a next_cursor of this list"])
    }

    @Test func `a cursor belongs to its sort`() throws {
        let query = QueryReader("sort=name&cursor=\(Cursor(sort: .createdAt, key: "1", id: .random()))")
        _ = ListQuery(query)
        #expect(try faults(query) == ["cursor: belongs to a list with another sort"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `names and values of nothing but combining marks are compared in no time`() throws {
        // As they are, these take minutes.
        let marks = String(repeating: "\u{0316}\u{0301}", count: 250_000)
        let query = QueryReader("\(marks)=1&a\(marks)&flag=\(marks)&sort=\(marks)&cursor=\(marks)&q=\(marks)")
        _ = query.flag("flag")
        let list = ListQuery(query)
        let problem = try #require(throws: Problem.self) { try query.finish() }
        #expect(
            problem.errors.map(\.detail) == [
                "is not known here", "is not known here", "must be true or false",
                "must be one of name, -name, created_at, -created_at", "must be a next_cursor of this list",
            ])
        #expect(list.search?.utf8.count == 1_000_000)
    }

    @Test(arguments: ["%", "%4", "%4g", "%ff", "%00", "%C3"])
    func `percent-encoding is read strictly`(text: String) {
        #expect(PercentEncoding.decode(text[...]) == nil)
    }
}
