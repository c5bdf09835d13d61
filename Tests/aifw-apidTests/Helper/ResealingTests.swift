import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// What becomes of stored secrets when the helper comes back with another master key.
struct ResealingTests {
    private let fixture: StoreFixture
    private let helper: HelperStandIn
    private let log = RecordedLog()
    private let plane: ControlPlane
    private let former = SealingKeyID.sample
    private let current = SealingKeyID(bytes: Array(repeating: 9, count: 8))!
    private let lost = SealingKeyID(bytes: Array(repeating: 3, count: 8))!
    private let isDone = "all secrets are under the helper's current key; the former may go: aifw-privd --retire-key"

    init() throws {
        fixture = try StoreFixture()
        helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        plane = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: log.logger)
    }

    /// A running tunnel whose peers have private and pre-shared keys under the former key, but for those whose keys are
    /// under `lost`.
    private func tunnel(peers count: Int, unopenable: Set<Int> = []) async throws -> TunnelRecord {
        let tunnel = try await fixture.tunnel(address: "10.0.0.1/16")
        let stored = try await plane.write { [former, lost] transaction, helper in
            for number in 0..<count {
                var peer = try PeerRecord.sample(
                    "peer \(number)", of: tunnel.id,
                    allowedIPs: try AllowedIPs("10.0.\(1 + number / 250).\(number % 250)"))
                let secret = SealedSecret.sample(under: former)
                peer.presharedKey = secret.fingerprint(under: former).map {
                    SealedSymmetricKey(secret: secret, fingerprint: $0)
                }
                if unopenable.contains(number) {
                    peer.privateKey = peer.privateKey?.resealed(under: lost)
                    peer.presharedKey = peer.presharedKey.map {
                        SealedSymmetricKey(secret: $0.secret.resealed(under: lost), fingerprint: $0.fingerprint)
                    }
                }
                _ = try transaction.insert(peer, by: .tester)
            }
            // What is under a key that the helper has not is no secret that somebody has just had sealed.
            transaction.state.newSecrets = []
            var started = try transaction.tunnel(tunnel.id)
            started.isEnabled = true
            let stored = try transaction.update(started, by: .tester, action: .start)
            try helper.apply(plan(desired: try transaction.desired(stored, under: helper.rules), actual: nil))
            try helper.apply(transaction.ruleRequests(from: nil, to: stored).opening)
            return stored
        }
        helper.give(stored)
        return try await fixture.store.read { try $0.tunnel(tunnel.id) }
    }

    /// Restarts the helper with other keys, the current one first.
    private func restart(_ keys: [SealingKeyID]) throws {
        helper.stop()
        helper.state.withLock { $0.keys = keys }
        helper.forgetRequests()
        try helper.start()
    }

    private func peers(of tunnel: TunnelRecord) async throws -> [PeerRecord] {
        try await fixture.store.read { transaction in
            var peers: [PeerRecord] = []
            try transaction.forEachPeer(of: tunnel.id) { peers.append($0) }
            return peers.sorted { $0.id.bits < $1.id.bits }
        }
    }

    private func others(than key: SealingKeyID) async throws -> [StoredSecret] {
        try await fixture.store.read { try $0.secrets(notUnder: key, limit: .max) }
    }

    private var messages: [String] { log.lines.map(\.message) }

    @Test func `All secrets come under the current key in batches, and nothing else changes`() async throws {
        let tunnel = try await tunnel(peers: 300)
        let before = try await peers(of: tunnel)
        let revision = try await fixture.store.read { try $0.revision() }
        try restart([current, former])
        try await plane.connectWriter()
        // 1 + 300 + 300 secrets.
        #expect(helper.state.withLock { $0.asked }.compactMap(\.secretsToReseal) == [256, 256, 89])
        #expect(try await others(than: current).isEmpty)
        let expected = try before.map { peer in
            var peer = peer
            peer.privateKey = peer.privateKey?.resealed(under: current)
            let secret = try #require(peer.presharedKey?.secret.resealed(under: current))
            peer.presharedKey = SealedSymmetricKey(
                secret: secret, fingerprint: try #require(secret.fingerprint(under: current)))
            return peer
        }
        // Their stamps too: no revision, no time.
        #expect(try await peers(of: tunnel) == expected)
        var resealed = tunnel
        resealed.privateKey = tunnel.privateKey.resealed(under: current)
        #expect(
            try await fixture.store.read { try $0.tunnel(tunnel.id) } == resealed.stamped(tunnel.stamp, peerCount: 300))
        #expect(try await fixture.store.read { try $0.revision() } == revision)
        #expect(Set(helper.kinds) == [.reseal, .inventory, .readTunnel, .readAssociations, .readRules])
        #expect(helper.kinds.prefix(3) == [.reseal, .reseal, .reseal])
        #expect(messages == [isDone])
        #expect(log.lines.first?.level == .notice)
        #expect(
            log.lines.first?.metadata == ["secrets": .stringConvertible(601), "sealed_anew": .stringConvertible(601)])
        // With the former gone everything is as it was.
        try restart([current])
        try await plane.connectWriter()
        #expect(Set(helper.kinds) == [.inventory, .readTunnel, .readAssociations, .readRules])
        #expect(messages == [isDone])
    }

    @Test func `Keys of associations come under it too, with the fingerprints they are recognised by`() async throws {
        var record = try AssociationRecord.sample()
        record.protection = .espAndAH
        record.keys.authenticationIn = .sample()
        record.keys.authenticationOut = .sample()
        record.isEnabled = false
        let given = record
        let before = try await fixture.store.write { try $0.insert(given, by: .tester) }
        try restart([current, former])
        try await plane.connectWriter()
        let after = try await fixture.store.read { try $0.association(before.id) }
        #expect(after.stamp == before.stamp)
        for slot in AssociationKeySlot.allCases {
            let secret = try #require(before.keys[slot]?.secret.resealed(under: current))
            #expect(after.keys[slot]?.secret == secret)
            #expect(after.keys[slot]?.fingerprint == secret.fingerprint(under: current))
        }
        #expect(helper.state.withLock { $0.asked }.compactMap(\.secretsToReseal) == [4])
    }

    @Test func `With its keys under the current key an association in the kernel is still the one that is wanted`()
        async throws
    {
        let record = try await plane.write { transaction, helper in
            let stored = try transaction.insert(
                try .between("192.0.2.1", "198.51.100.7", protection: .espAndAH), by: .tester)
            try helper.apply(try transaction.requests(from: nil, to: stored))
            return stored
        }
        try restart([current, former])
        try await plane.connectWriter()
        #expect(try await fixture.store.read { try $0.association(record.id).keys } != record.keys)
        #expect(!helper.kinds.contains(.applyAssociations) && !helper.kinds.contains(.applyRules))
    }

    @Test func `Where all are under the current key the helper is not asked and nothing is logged`() async throws {
        _ = try await tunnel(peers: 3)
        try restart([former])
        try await plane.connectWriter()
        #expect(!helper.kinds.contains(.reseal))
        #expect(helper.kinds.first == .inventory)
        #expect(messages.isEmpty)
    }

    @Test(arguments: [[0], [299], [0, 1, 2, 150, 298, 299], Array(100..<200)])
    func `What does not open is left as it is, and the rest of its batch goes on`(unopenable: [Int]) async throws {
        let tunnel = try await tunnel(peers: 300, unopenable: Set(unopenable))
        let left = try await others(than: former)
        try restart([current, former])
        try await plane.connectWriter()
        #expect(try await others(than: current) == left)
        #expect(left.count == 2 * unopenable.count)
        // At most two in vain for each, and up to eight until batches are full again.
        let asked = helper.kinds.filter { $0 == .reseal }.count
        #expect(asked <= 3 + left.count * 10)
        let line = try #require(log.lines.first { $0.level == .error })
        #expect(line.metadata["unopened"] == .stringConvertible(left.count))
        #expect(line.metadata["sealed_anew"] == .stringConvertible(601 - left.count))
        guard case .array(let objects) = line.metadata["objects"] else {
            Issue.record("no objects are named")
            return
        }
        #expect(objects.count == min(unopenable.count, 10))
        #expect(Set(objects.map { "\($0)" }).isSubset(of: left.map { "\($0.object)" }))
        #expect(!messages.contains(isDone))
        #expect(try await peers(of: tunnel).count == 300)
    }

    @Test func `A former key that went too early costs one request a secret, and changes nothing`() async throws {
        let tunnel = try await tunnel(peers: 300)
        let before = try await peers(of: tunnel)
        try restart([current])
        try await plane.connectWriter()
        let asked = helper.state.withLock { $0.asked }.compactMap(\.secretsToReseal)
        // One secret each but for the first of each batch.
        #expect(asked.count == 601)
        #expect(asked.filter { $0 > 1 }.count == 3)
        #expect(try await peers(of: tunnel) == before)
        // What needs no key goes on.
        _ = try await plane.write { transaction, _ in
            var renamed = try transaction.tunnel(tunnel.id)
            renamed.name = try ObjectName("renamed")
            return try transaction.update(renamed, by: .tester)
        }
        // Back from a copy, it is made good.
        try restart([current, former])
        try await plane.connectWriter()
        #expect(try await others(than: current).isEmpty)
        #expect(messages.last == isDone)
    }

    @Test func `Ended between two batches, the next start goes on behind the last`() async throws {
        _ = try await tunnel(peers: 300)
        try restart([current, former])
        helper.state.withLock { $0.resealsLeft = 1 }
        try await plane.connectWriter()
        #expect(try await others(than: current).count == 601 - 256)
        #expect(!messages.contains(isDone))
        #expect(!helper.kinds.contains(.inventory), "nothing is compared before all is done")
        helper.state.withLock { $0.resealsLeft = nil }
        helper.forgetRequests()
        let next = ControlPlane(
            store: try Store(path: fixture.path), helperSocket: helper.path, logger: log.logger)
        try await next.connectWriter()
        #expect(helper.state.withLock { $0.asked }.compactMap(\.secretsToReseal) == [256, 89])
        #expect(try await others(than: current).isEmpty)
        #expect(log.lines.last?.message == isDone)
        #expect(log.lines.last?.metadata["secrets"] == .stringConvertible(601))
        #expect(!helper.kinds.contains(.applyPeers))
    }

    @Test func `Writes that come meanwhile wait and are done, and one line tells of it`() async throws {
        let tunnel = try await tunnel(peers: 300)
        try restart([current, former])
        let names = try await withThrowingTaskGroup(of: ObjectName.self) { [plane, current] group in
            for number in 0..<20 {
                group.addTask {
                    let keys = SealedSecret.sample(under: current)
                    return try await plane.write { transaction, helper in
                        var peer = try PeerRecord.sample(
                            "late \(number)", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.100.\(number)"))
                        peer.privateKey = keys
                        let stored = try transaction.insert(peer, by: .tester)
                        try helper.apply(
                            try transaction.requests(in: tunnel, before: nil, after: stored, under: helper.rules))
                        return stored.name
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(names.count == 20)
        #expect(try await peers(of: tunnel).count == 320)
        #expect(try await others(than: current).isEmpty)
        #expect(messages == [isDone])
        let kinds = helper.kinds
        #expect(kinds.lastIndex(of: .reseal)! < kinds.firstIndex(of: .inventory)!)
        #expect(kinds.firstIndex(of: .inventory)! < kinds.firstIndex(of: .applyPeers)!)
    }

    @Test func `A secret that was sealed before the helper's restart is not stored behind the resealing`() async throws
    {
        let tunnel = try await tunnel(peers: 1)
        let late = try PeerRecord.sample("late", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.100.1"))
        #expect(late.privateKey?.keyID == former)
        try restart([current, former])
        let error = await #expect(throws: HelperError.self) {
            try await plane.write { transaction, helper in
                let stored = try transaction.insert(late, by: .tester)
                try helper.apply(try transaction.requests(in: tunnel, before: nil, after: stored, under: helper.rules))
            }
        }
        #expect(error?.problem.code == .helperUnavailable)
        #expect(try await peers(of: tunnel).count == 1)
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.peers.count } == 1)
        #expect(try await others(than: current).isEmpty)
    }

    @Test func `A helper that can't reseal is as one that is not there`() async throws {
        let tunnel = try await tunnel(peers: 1)
        try restart([current, former])
        helper.state.withLock { $0.refusals[.reseal] = Refusal(.unknownVerb, "no such verb") }
        try await plane.write { transaction, _ in
            var renamed = try transaction.tunnel(tunnel.id)
            renamed.name = try ObjectName("renamed")
            _ = try transaction.update(renamed, by: .tester)
        }
        await #expect(throws: HelperError.self) { try await plane.write { _, helper in _ = try helper.inventory() } }
        helper.state.withLock { $0.refusals = [:] }
        try await plane.connectWriter()
        #expect(try await others(than: current).isEmpty)
    }
}

extension Request {
    /// How many secrets it wants sealed anew; nil for any other request.
    fileprivate var secretsToReseal: Int? {
        if case .reseal(let verb) = self { verb.secrets.count } else { nil }
    }
}
