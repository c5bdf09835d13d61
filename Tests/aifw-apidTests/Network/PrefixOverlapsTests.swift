import Testing
import Wire

@testable import aifw_apid

@Suite struct PrefixOverlapsTests {
    private typealias Entry = PrefixOverlaps.Entry

    @Test(arguments: [
        (["10.0.0.1/32", "10.0.0.2/32"], [nil, nil]),
        (["10.0.0.1/32", "10.0.0.1/32", "10.0.0.1/32"], [nil, 0, 0]),
        (["10.0.0.1/32", "10.0.0.0/24", "10.0.0.0/8", "10.0.0.2/32"], [nil, 0, 0, 1]),
        (["0.0.0.0/0", "::/0", "fd00::1/128", "192.0.2.0/24"], [nil, nil, 1, 0]),
        (["10.0.0.128/25", "10.0.0.0/25", "10.0.0.0/24", "10.0.1.0/24"], [nil, nil, 0, nil]),
    ])
    func `each is told the earliest other that overlaps it`(prefixes: [String], earlier: [Int?]) throws {
        let entries = try prefixes.enumerated().map { Entry(owner: $0, prefix: try Prefix($1)) }
        #expect(PrefixOverlaps.earlier(than: entries).map { $0?.owner } == earlier)
    }

    @Test func `prefixes of one owner may lie within each other`() throws {
        let entries = try [(0, "10.0.0.0/24"), (0, "10.0.0.1/32"), (1, "10.0.0.1/32")].map {
            Entry(owner: $0.0, prefix: try Prefix($0.1))
        }
        #expect(PrefixOverlaps.earlier(than: entries).map { $0?.owner } == [nil, nil, 0])
    }

    @Test func `it finds what comparing each with each finds`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let entries = (0..<40).map { number in
                let length = Int.random(in: 24...32, using: &generator)
                let bits = 0x0A00_0000 + UInt128.random(in: 0..<64, using: &generator)
                return Entry(owner: number / 2, prefix: Prefix(masking: IPAddress(.v4, bits: bits), length: length))
            }
            let expected = entries.map { entry in
                entries.first { $0.owner < entry.owner && $0.prefix.overlaps(entry.prefix) }?.owner
            }
            #expect(PrefixOverlaps.earlier(than: entries).map { $0?.owner } == expected, "\(entries)")
        }
    }

    @Test func `ten thousand that have the same are no slower than others`() throws {
        let prefix = try Prefix("10.0.0.0/8")
        let entries = (0..<100_000).map { Entry(owner: $0 / 10, prefix: prefix) }
        #expect(PrefixOverlaps.earlier(than: entries).last??.owner == 0)
    }
}
