import Testing
import Wire

@testable import aifw_privd

@Suite struct `The budget of reveals` {
    /// What is thrown, by its code and when to come back; nil if the secrets are taken.
    private func refusal(_ budget: inout RevealBudget, _ count: Int, _ now: Int64) -> Refusal? {
        do throws(Refusal) {
            try budget.take(count, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Ten thousand go at once, and not one more`() {
        var budget = RevealBudget(now: 1_000)
        for _ in 0..<39 { #expect(refusal(&budget, 256, 1_000) == nil) }
        #expect(refusal(&budget, 17, 1_000)?.code == .rate)
        #expect(refusal(&budget, 16, 1_000) == nil)
        #expect(
            refusal(&budget, 1, 1_000)
                == Refusal(
                    .rate,
                    "at most 10000 secrets are revealed at once, and 50 a second after that; come back in 1 s",
                    field: "secrets", retryAfter: 1))
    }

    @Test(arguments: [(1, 19, 20, 1), (2, 39, 40, 1), (50, 999, 1_000, 1), (51, 0, 1_020, 2), (256, 0, 5_120, 6)])
    func `Empty, it fills by fifty a second`(count: Int, early: Int64, due: Int64, seconds: UInt64) {
        var budget = RevealBudget(now: 0)
        #expect(refusal(&budget, 10_000, 0) == nil)
        let early = refusal(&budget, count, early)
        #expect(early?.code == .rate)
        #expect(early?.retryAfter == seconds)
        // Who was refused has used nothing up.
        #expect(refusal(&budget, count, due) == nil)
        #expect(refusal(&budget, 1, due)?.retryAfter == 1)
    }

    @Test func `It never holds more than ten thousand, however long nobody asks`() {
        var budget = RevealBudget(now: 0)
        #expect(refusal(&budget, 10_000, 1_000_000_000) == nil)
        #expect(refusal(&budget, 1, 1_000_000_000)?.code == .rate)
        #expect(refusal(&budget, 10_000, 1_000_199_999)?.retryAfter == 1)
        #expect(refusal(&budget, 10_000, 1_000_200_000) == nil)
    }

    @Test func `Nothing costs nothing`() {
        var budget = RevealBudget(now: 0)
        #expect(refusal(&budget, 10_000, 0) == nil)
        #expect(refusal(&budget, 0, 0) == nil)
    }
}
