import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

struct ReconciliationTests {
    @Test(.timeLimit(.minutes(5)))
    func `a peer that expires while the kernel is compared is dropped at the next look`() async throws {
        let fixture = try StoreFixture()
        let helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let plane = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: logger)
        let end = Timestamp(milliseconds: fixture.clock.now.milliseconds + 1000)
        let tunnel = try await fixture.store.write { transaction in
            var tunnel = try TunnelRecord.sample()
            tunnel.isEnabled = true
            let stored = try transaction.insert(tunnel, by: .tester)
            var peer = try PeerRecord.sample("guest", of: stored.id, allowedIPs: try AllowedIPs("10.0.0.9"))
            peer.expiresAt = end
            _ = try transaction.insert(peer, by: .tester)
            return stored
        }
        @Sendable func hasPeer() -> Bool { helper.state.withLock { $0.tunnels[tunnel.id]?.peers.isEmpty == false } }
        let gate = Gate()
        helper.state.withLock { $0.gates[.readTunnel] = gate }
        let reconciliation = Reconciliation(
            plane: plane, logger: logger, period: .seconds(3600), watch: .milliseconds(10))
        let task = Task { try await reconciliation.run() }
        await gate.hasWaiter()
        // It was active when what is desired was made up.
        fixture.clock.advance(milliseconds: 1500)
        gate.open()
        for await _ in plane.changes.all { break }
        while hasPeer() { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        try await task.value
        #expect(helper.state.withLock { $0.tunnels[tunnel.id] } != nil)
    }
}
