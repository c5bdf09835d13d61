import Testing
import Wire

@testable import aifw_apid

@Suite struct LoginThrottleTests {
    /// Log-ins at a clock that moves only when it is told to.
    private struct Attempts {
        var throttle = LoginThrottle { text in
            // FNV-1a: what a throttle does must not depend on the run of the test.
            text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        var time = Timestamp(milliseconds: 1_800_000_000_000)

        mutating func wait(seconds: Int) {
            time = Timestamp(milliseconds: time.milliseconds + Int64(seconds) * 1000)
        }

        /// Tries with a wrong password, or with the right one; how long it has to wait, 0 if it was let in.
        mutating func attempt(_ account: String?, from address: String?, isRight: Bool = false) throws -> Int {
            switch throttle.admit(account: account, address: try address.map { try IPAddress($0) }, at: time) {
            case .wait(let seconds): return seconds
            case .admitted(let attempt):
                if isRight { throttle.forgive(attempt) }
                return 0
            }
        }

        /// As somebody does who comes back when he is told to; after how many seconds he was let in, and how often he was
        /// told to wait.
        mutating func patiently(_ account: String, from address: String) throws -> (seconds: Int, refusals: Int) {
            var (seconds, refusals) = (0, 0)
            while case let wait = try attempt(account, from: address, isRight: true), wait > 0, refusals < 100 {
                self.wait(seconds: wait)
                seconds += wait
                refusals += 1
            }
            return (seconds, refusals)
        }
    }

    /// A stranger's address, another one for each number.
    private static func stranger(_ number: Int) -> String {
        "2001:db8:\(String(number / 65_536, radix: 16)):\(String(number % 65_536, radix: 16))::1"
    }

    @Test func `an address waits longer after each failure, and a minute at most`() throws {
        var attempts = Attempts()
        var waits: [Int] = []
        for _ in 0..<12 {
            // Another account each time, so that only the address counts.
            let account = "user\(waits.count)"
            #expect(try attempts.attempt(account, from: "192.0.2.1") == 0)
            let wait = try attempts.attempt(account, from: "192.0.2.1", isRight: true)
            waits.append(wait)
            attempts.wait(seconds: max(wait - 1, 0))
            if wait > 1 { #expect(try attempts.attempt(account, from: "192.0.2.1") == 1) }
            attempts.wait(seconds: 1)
        }
        #expect(waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
        #expect(try attempts.attempt("user", from: "192.0.2.2") == 0, "its neighbour does not wait")
    }

    @Test func `a /64 is one address, IPv4 addresses are each their own`() throws {
        var attempts = Attempts()
        for number in 0..<3 { #expect(try attempts.attempt(nil, from: "2001:db8:1:1::\(number)") == 0) }
        #expect(try attempts.attempt(nil, from: "2001:db8:1:1:ffff::1") == 1)
        #expect(try attempts.attempt(nil, from: "2001:db8:1:2::1") == 0)
        #expect(try attempts.attempt(nil, from: nil) == 0)
    }

    @Test func `what was right or not judged does not count`() throws {
        var attempts = Attempts()
        for _ in 0..<100 { #expect(try attempts.attempt("alice", from: "192.0.2.1", isRight: true) == 0) }
    }

    @Test func `a hundred attempts at once are not all the first`() throws {
        var attempts = Attempts()
        let admitted = try (0..<100).filter { _ in try attempts.attempt("alice", from: "192.0.2.1") == 0 }
        #expect(admitted.count == LoginThrottle.freeFailures)
    }

    @Test func `failures are forgotten in time`() throws {
        var attempts = Attempts()
        for _ in 0..<3 { #expect(try attempts.attempt("alice", from: "192.0.2.1") == 0) }
        #expect(try attempts.attempt("alice", from: "192.0.2.1") == 1)
        attempts.wait(seconds: 600)
        for _ in 0..<3 { #expect(try attempts.attempt("alice", from: "192.0.2.1") == 0) }
    }

    @Test func `strangers slow each of them down, and nobody is locked out`() throws {
        var attempts = Attempts()
        for number in 0..<200 {
            _ = try attempts.attempt("alice", from: Self.stranger(number))
            attempts.wait(seconds: 1)
        }
        // Of a thousand more at the same moment few have their window now.
        let admitted = try (1000..<2000).filter { try attempts.attempt("alice", from: Self.stranger($0)) == 0 }
        #expect((100...400).contains(admitted.count), "a quarter: \(admitted.count)")
        // Others are not concerned.
        #expect(try attempts.attempt("bob", from: "192.0.2.7", isRight: true) == 0)
        // Alice, from wherever, is let in when she was told, however many try meanwhile.
        for number in 0..<50 {
            let (seconds, refusals) = try attempts.patiently("alice", from: "198.51.100.\(number)")
            #expect(seconds <= LoginThrottle.longestPeriod && refusals <= 1)
            for other in 0..<20 { _ = try attempts.attempt("alice", from: Self.stranger(3000 + number * 20 + other)) }
        }
    }

    @Test func `who fills the tables takes nobody's failures away, and locks nobody out`() throws {
        var attempts = Attempts()
        // Ten times as many addresses and names as there are counters.
        for number in 0..<10 * FailureTable.sets * FailureTable.ways {
            _ = try attempts.attempt("user\(number)", from: Self.stranger(number))
        }
        // Who tries each second for five minutes gets hardly more than the ten tries that the delays leave him otherwise.
        var admitted = 0
        for second in 0..<300 {
            if try attempts.attempt("alice", from: "192.0.2.1") == 0 { admitted += 1 }
            for other in 0..<100 {
                let number = 100_000 + second * 100 + other
                _ = try attempts.attempt("user\(number)", from: Self.stranger(number))
            }
            attempts.wait(seconds: 1)
        }
        #expect(admitted < 20, "\(admitted)")
        for number in 0..<50 {
            let (seconds, _) = try attempts.patiently("carol", from: "203.0.113.\(number)")
            #expect(seconds <= LoginThrottle.longestDelay + LoginThrottle.longestPeriod)
        }
    }

    @Test func `a clock that is set back delays, and locks nobody out`() throws {
        var attempts = Attempts()
        for _ in 0..<20 { attempts.wait(seconds: try attempts.attempt("alice", from: "192.0.2.1")) }
        attempts.time = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(try attempts.attempt("alice", from: "192.0.2.1") <= 124)
        #expect(try attempts.attempt("alice", from: "192.0.2.2") <= 64)
    }

    // MARK: The table beneath

    @Test func `what the table says of a name is never less than what is so`() {
        var table = FailureTable()
        let time = Timestamp(milliseconds: 1_800_000_000_000)
        var counts: [UInt64: Int] = [:]
        var state: UInt64 = 1
        for _ in 0..<50_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let name = state >> 33 % 6000
            table.add(name, at: time)
            counts[name, default: 0] += 1
        }
        for (name, count) in counts {
            #expect(table.finding(name, at: time).failures >= min(count, FailureTable.most))
        }
    }

    @Test func `a log has a hundred failures at once, then one each ten seconds, and tells how many are not there`() {
        var allowance = LogAllowance()
        var time = Timestamp(milliseconds: 1_800_000_000_000)
        #expect((0..<1000).filter { _ in allowance.take(at: time) != nil }.count == 100)
        time = Timestamp(milliseconds: time.milliseconds + 10_000)
        #expect(allowance.take(at: time) == 900)
        #expect(allowance.take(at: time) == nil)
        time = Timestamp(milliseconds: time.milliseconds + 86_400_000)
        #expect((0..<1000).filter { _ in allowance.take(at: time) != nil }.count == 100, "no more than at first")
    }
}
