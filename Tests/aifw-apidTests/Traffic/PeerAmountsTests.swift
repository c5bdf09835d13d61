import Testing
import Wire

@testable import aifw_apid

@Suite struct PeerAmountsTests {
    @Test(
        arguments: [
            [], [(1, 0, 1)], [(1, 127, 128), (2, 16_383, 16_384)], [(900, 1, 2), (7, UInt64.max, 0)],
            [(UInt32.max, 5, UInt64.max)],
        ] as [[(UInt32, UInt64, UInt64)]])
    func `what is packed is found again, in whatever order it came`(amounts: [(UInt32, UInt64, UInt64)]) throws {
        let packed = PeerAmounts(amounts.map { ($0.0, Traffic(received: $0.1, sent: $0.2)) })
        let read = try #require(PeerAmounts(bytes: packed.bytes))
        #expect(read == packed)
        for (number, received, sent) in amounts {
            #expect(read[number] == Traffic(received: received, sent: sent))
        }
        #expect(read[3] == Traffic())
    }

    @Test func `sums have each peer once`() {
        func packed(_ amounts: [UInt32: UInt64]) -> PeerAmounts {
            PeerAmounts(amounts.map { ($0.key, Traffic(received: $0.value, sent: 1)) })
        }
        var sum = packed([1: 10, 5: 50])
        sum += packed([2: 20, 5: 5, 9: 90])
        #expect([1, 2, 5, 9].map { sum[$0].received } == [10, 20, 55, 90])
        #expect(sum[5].sent == 2)
        #expect(
            sum
                == PeerAmounts([
                    (1, .init(received: 10, sent: 1)), (2, .init(received: 20, sent: 1)),
                    (5, .init(received: 55, sent: 2)), (9, .init(received: 90, sent: 1)),
                ]))
        var nothing = PeerAmounts()
        nothing += sum
        #expect(nothing == sum)
        nothing += PeerAmounts()
        #expect(nothing == sum)
    }

    @Test(
        arguments: [
            [1], [1, 1], [1, 0x80, 1], [0, 1, 1], [1, 1, 1, 0, 1, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 1, 1],
            [1, 1] + Array(repeating: 0x80, count: 9) + [2],
        ] as [[UInt8]])
    func `what was damaged is refused`(bytes: [UInt8]) { #expect(PeerAmounts(bytes: bytes) == nil) }

    @Test func `a peer that carries megabytes takes nine bytes`() {
        let busy = PeerAmounts((1...10_000).map { (UInt32($0), Traffic(received: 12_000_000, sent: 260_000_000)) })
        #expect(busy.bytes.count == 90_000)
    }
}
