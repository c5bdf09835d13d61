import Testing

@testable import aifw_apid

@Suite struct WebhookProgressTests {
    @Test(
        arguments: [
            (0, 5_000), (1, 5_000), (2, 10_000), (3, 20_000), (10, 2_560_000), (11, 3_600_000), (12, 3_600_000),
            (Int.max, 3_600_000),
        ] as [(Int, Int64)])
    func `the pause doubles up to an hour, and chance takes half of it at most`(failures: Int, full: Int64) {
        #expect(WebhookBackOff.pause(after: failures, chance: 1) == full)
        #expect(WebhookBackOff.pause(after: failures, chance: 0) == full / 2)
        #expect(WebhookBackOff.pause(after: failures, chance: 0.5) == full / 4 * 3)
        #expect(WebhookBackOff.pause(after: failures, chance: -1) == full / 2)
        #expect(WebhookBackOff.pause(after: failures, chance: 7) == full)
    }

    private func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    @Test func `a failure is told and tried again, and a delivery ends it`() {
        var progress = WebhookProgress(after: 7)
        progress.failed(.status(500), at: time(100), chance: 1)
        #expect(progress.status == .retrying && progress.failures == 1 && progress.cursor == 7)
        #expect(progress.lastError == "the receiver answered 500" && progress.nextAttemptAt == time(105))
        progress.failed(.tooSlow, at: time(105), chance: 1)
        #expect(progress.failures == 2 && progress.nextAttemptAt == time(115) && progress.failingSince == time(100))
        progress.delivered(8, at: time(115))
        var expected = WebhookProgress(after: 8)
        expected.delivered(8, at: time(115))
        #expect(progress == expected && progress.status == .ok && progress.lastError == nil)
        #expect(progress.lastDeliveryAt == time(115))
    }

    @Test func `after three days of failures there is no other attempt`() {
        var progress = WebhookProgress(after: 0)
        var now = time(1000)
        var attempts = 0
        while progress.status != .failed, attempts < 1000 {
            progress.failed(.status(503), at: now, chance: 0.5)
            now = progress.nextAttemptAt ?? now
            attempts += 1
        }
        #expect((90...120).contains(attempts) && attempts > WebhookProgress.leastAttempts)
        #expect(now.milliseconds - 1_000_000 >= WebhookProgress.patience)
        #expect(now.milliseconds - 1_000_000 < WebhookProgress.patience + 3_600_000)
        #expect(progress.nextAttemptAt == nil && progress.lastError == "the receiver answered 503")
        #expect(progress.renewed == WebhookProgress(after: 0))
    }

    @Test func `three days in which hardly anything was tried are not enough`() {
        var progress = WebhookProgress(after: 0)
        progress.failed(.status(503), at: time(0), chance: 1)
        var now = time(4 * 86_400)
        while progress.failures < WebhookProgress.leastAttempts - 1 {
            progress.failed(.status(503), at: now, chance: 1)
            #expect(progress.status == .retrying)
            now = progress.nextAttemptAt ?? now
        }
        progress.failed(.status(503), at: now, chance: 1)
        #expect(progress.status == .failed)
    }

    @Test func `even with the longest pauses there are as many attempts in three days as are needed`() {
        var progress = WebhookProgress(after: 0)
        var now: Int64 = 0
        while now < WebhookProgress.patience {
            progress.failed(.tooSlow, at: Timestamp(milliseconds: now), chance: 1)
            // An attempt that is too slow takes a quarter of a minute by itself.
            now = (progress.nextAttemptAt?.milliseconds ?? now) + 15_000
        }
        #expect(progress.failures >= WebhookProgress.leastAttempts)
    }

    @Test func `the next attempt is waited for, but not for longer than any pause`() {
        var progress = WebhookProgress(after: 0)
        let start: Int64 = 1_000_000
        #expect(progress.wait(at: time(start)) == 0)
        progress.failed(.tooSlow, at: time(start), chance: 1)
        #expect(progress.wait(at: time(start)) == 5_000)
        #expect(progress.wait(at: time(start + 3)) == 2_000)
        #expect(progress.wait(at: time(start + 5)) == 0 && progress.wait(at: time(start + 1000)) == 0)
        // The clock was set back by nearly an hour, and by days.
        #expect(progress.wait(at: time(start - 3_500)) == 3_505_000)
        #expect(progress.wait(at: time(start - 4 * 86_400)) == 0)
    }

    @Test func `who answers that it wants no more is believed at once`() {
        var progress = WebhookProgress(after: 0)
        progress.failed(.gone, at: time(1), chance: 1)
        #expect(progress.status == .failed && progress.lastError?.contains("410") == true)
    }

    @Test(
        arguments: [
            (200, nil), (204, nil), (299, nil), (301, .redirect(301)), (302, .redirect(302)), (304, .redirect(304)),
            (400, .status(400)), (410, .gone), (429, .status(429)), (500, .status(500)), (600, .status(600)),
            (101, .status(101)),
        ] as [(Int, WebhookFault?)])
    func `only 2xx is success`(status: Int, fault: WebhookFault?) {
        #expect(WebhookFault(status: status) == fault)
    }
}
