import Testing
import Wire

@testable import aifw_apid

@Suite struct TokenPageTests {
    private let records: [TokenRecord]

    init() throws {
        records = try ["delta", "alpha", "charlie", "bravo", "alpine"].enumerated().map { index, name in
            TokenRecord(
                id: ObjectID(bits: UInt128(index)), name: try ObjectName(name), scopes: .vpnRead, hash: [],
                createdAt: Timestamp(milliseconds: Int64(index / 2)), expiresAt: nil)
        }
    }

    @Test(arguments: [
        (ListQuery.Sort.name, "alpha alpine bravo charlie delta"),
        (.nameDescending, "delta charlie bravo alpine alpha"),
        (.createdAt, "delta alpha charlie bravo alpine"), (.createdAtDescending, "alpine bravo charlie alpha delta"),
    ])
    func `pages of two, one after the other, are the whole list in its order`(sort: ListQuery.Sort, expected: String) {
        var query = ListQuery()
        query.sort = sort
        query.limit = 2
        var names: [String] = []
        var pages = 0
        repeat {
            let page = TokenPage(of: records, query)
            #expect(page.total == 5)
            names += page.records.map(\.name.description)
            query.cursor = page.next
            pages += 1
        } while query.cursor != nil && pages < 10
        #expect(pages == 3)
        #expect(names.joined(separator: " ") == expected)
    }

    @Test func `a search finds part of a name, whatever its case`() {
        var query = ListQuery()
        query.search = "ALP"
        let page = TokenPage(of: records, query)
        #expect(page.records.map(\.name.description) == ["alpha", "alpine"])
        #expect(page.total == 2)
        #expect(page.next == nil)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["", "a"])
    func `a search for nothing but combining marks finds nothing in no time`(start: String) {
        var query = ListQuery()
        query.search = start + String(repeating: "\u{0316}\u{0301}", count: 250_000)
        #expect(TokenPage(of: records, query).total == 0)
    }
}
