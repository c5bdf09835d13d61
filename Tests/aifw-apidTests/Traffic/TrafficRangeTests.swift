import Testing
import Wire

@testable import aifw_apid

@Suite struct TrafficRangeTests {
    @Test(
        arguments: [
            (.hour, "2026-01-31T17:59:59.999Z", "2026-01-31T17:00:00Z", "2026-01-31T17:59:50Z"),
            (.hour, "2026-01-31T18:00:00Z", "2026-01-31T17:00:10Z", "2026-01-31T18:00:00Z"),
            (.day, "2026-01-31T18:04:59Z", "2026-01-30T18:05:00Z", "2026-01-31T18:00:00Z"),
            (.month, "2026-01-31T18:00:00Z", "2026-01-01T20:00:00Z", "2026-01-31T18:00:00Z"),
            (.hour, "1970-01-01T00:00:05Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] as [(TrafficRange, String, String, String)])
    func `slots begin at round times, and the last is under way`(
        range: TrafficRange, now: String, first: String, last: String
    ) throws {
        let slots = range.slots(at: try Timestamp(now))
        #expect(slots.count == Int(range.count))
        #expect(range.start(of: slots.lowerBound) == (try Timestamp(first)))
        #expect(range.start(of: slots.upperBound) == (try Timestamp(last)))
    }

    @Test func `longer slots have the bytes of those that they are made of`() {
        let one = TrafficSlot([(1, Traffic(received: 10, sent: 1))])
        let two = TrafficSlot([(1, Traffic(received: 5, sent: 1)), (2, Traffic(received: 7, sent: 1))])
        let hourly: TrafficSlots = [29: one, 30: two, 59: one, 60: one]
        let daily = hourly.rolledUp(from: .hour, to: .day)
        #expect(daily.mapValues(\.sum.received) == [0: 10, 1: 22, 2: 10])
        #expect(daily[1]?.peers[1].received == 15 && daily[1]?.peers[2].received == 7)
        let monthly = daily.rolledUp(from: .day, to: .month)
        #expect(monthly.mapValues(\.sum.received) == [0: 42])
        #expect(monthly[0]?.peers[1].received == 35)
    }
}
