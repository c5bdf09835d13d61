import Testing
import Wire

@testable import aifw_apid

@Suite struct `What a restore changes` {
    private static func difference(
        _ current: StoredConfiguration, _ prepared: PreparedConfiguration, hasSeed: Bool = false,
        hasSecret: Bool = false
    ) throws -> RestoreDifference {
        try RestoreDifference(
            from: current, to: prepared, hasSeed: { _, _ in hasSeed }, hasSecret: { _, _ in hasSecret })
    }

    private static func kept(_ tunnel: TunnelRecord) -> PreparedConfiguration.Tunnel {
        .init(record: tunnel, key: .kept(.sample(under: .sample)))
    }

    /// As the store has it, with revision 5.
    private static func stored(_ tunnel: TunnelRecord, isEnabled: Bool = true) -> TunnelRecord {
        var tunnel = tunnel
        tunnel.isEnabled = isEnabled
        return tunnel.stamped(stamp(5), peerCount: 3)
    }

    private static func stamp(_ revision: Int64) -> ObjectStamp {
        ObjectStamp(
            createdAt: Timestamp(milliseconds: 1), updatedAt: Timestamp(milliseconds: 2), revision: revision)
    }

    @Test func `what is the same is left alone, however it is sealed`() throws {
        let tunnel = Self.stored(try BackupSamples.tunnel())
        var peer = try PeerRecord.sample("laptop", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.0.2/32"))
        peer.presharedKey = .sample()
        let own = peer.stamped(Self.stamp(6))
        var restored = peer.stamped(Self.stamp(0))
        restored.privateKey = .sample(under: .sample)
        restored.presharedKey = SealedSymmetricKey(
            secret: .sample(under: .sample), fingerprint: try #require(peer.presharedKey).fingerprint)
        let current = StoredConfiguration(tunnels: [tunnel], peers: [own])
        let wanted = PreparedConfiguration(
            tunnels: [Self.kept(tunnel.stamped(Self.stamp(0), peerCount: 0))], peers: [restored])
        let difference = try Self.difference(current, wanted)
        #expect(difference.tunnels.unchanged == [tunnel] && difference.peers.unchanged == [own])
        #expect(difference.touchedTunnels.isEmpty && difference.removed.isEmpty && !difference.touchesRules)
    }

    @Test func `what differs is changed, what is too much goes, and each touches its tunnel only`() throws {
        let (office, branch) = (
            Self.stored(try BackupSamples.tunnel()),
            Self.stored(try BackupSamples.tunnel("branch", number: 1, address: "10.1.0.1/24"))
        )
        let peer = try BackupSamples.peer("laptop", of: office)
        let stray = try BackupSamples.peer("stray", of: branch, "10.1.0.2/32")
        var renamed = peer
        renamed.name = try ObjectName("tablet")
        let difference = try Self.difference(
            StoredConfiguration(tunnels: [office, branch], peers: [peer, stray]),
            PreparedConfiguration(tunnels: [Self.kept(office), Self.kept(branch)], peers: [renamed]))
        #expect(difference.peers.updated.map(\.record.name) == [renamed.name])
        #expect(difference.peers.deleted.map(\.id) == [stray.id])
        #expect(difference.tunnels.unchanged.count == 2)
        #expect(difference.touchedTunnels == [office.id, branch.id])
        #expect(difference.restarted.isEmpty && difference.removed.isEmpty)
    }

    @Test func `only an interface that can't be changed as it runs is taken away first`() throws {
        let office = Self.stored(try BackupSamples.tunnel())
        let branch = Self.stored(try BackupSamples.tunnel("branch", number: 1, address: "10.1.0.1/24"))
        let current = StoredConfiguration(tunnels: [office, branch])
        func removed(_ change: (inout TunnelRecord, inout TunnelRecord) throws -> Void) throws -> [ObjectID] {
            var (first, second) = (office, branch)
            try change(&first, &second)
            let difference = try Self.difference(
                current, PreparedConfiguration(tunnels: [Self.kept(first), Self.kept(second)]))
            return difference.removed.map(\.id)
        }
        #expect(try removed { first, _ in first.mtu = try MTU(1380) } == [])
        #expect(try removed { first, _ in first.listenPort = try Port(51_999) } == [])
        #expect(try removed { first, _ in first.interface = try TunnelInterface(number: 7) } == [office.id])
        #expect(try removed { first, _ in first.isEnabled = false } == [office.id])
        let swapped = try removed { first, second in
            (first.listenPort, second.listenPort) = (second.listenPort, first.listenPort)
        }
        #expect(Set(swapped) == [office.id, branch.id])
        let moved = try removed { first, second in
            (first.address, second.address) = (second.address, first.address)
        }
        #expect(Set(moved) == [office.id, branch.id])
    }

    @Test func `a tunnel's key is its own, the backup's or a new one`() throws {
        let office = Self.stored(try BackupSamples.tunnel())
        let (secret, key) = (SealedSecret.sample(under: .sample), PublicKey.random())
        func restored(_ tunnel: TunnelRecord?, _ way: PreparedConfiguration.Tunnel.Key) throws -> TunnelRecord? {
            let current = StoredConfiguration(tunnels: [tunnel].compactMap(\.self))
            let wanted = PreparedConfiguration(tunnels: [.init(record: office, key: way)])
            let difference = try Self.difference(current, wanted)
            return difference.tunnels.written.first
        }
        #expect(try restored(nil, .kept(secret))?.privateKey == secret)
        #expect(try restored(office, .kept(secret)) == nil && restored(office, .own) == nil)
        #expect(try restored(office, .made(secret, key)) == nil)
        let renewed = try restored(nil, .made(secret, key))
        #expect(renewed?.privateKey == secret && renewed?.publicKey == key)
        #expect(throws: RestoreDifference.Overtaken.self) { try restored(nil, .own) }
        var other = office
        other.publicKey = .random()
        #expect(throws: RestoreDifference.Overtaken.self) { try restored(other, .own) }
        #expect(try restored(other, .kept(secret))?.privateKey == secret)
    }

    @Test func `a code that was taken once is not taken again`() throws {
        let seed = try #require(OneTimePassword.random()).seed
        func user(step: Int64, sealed: UInt8) throws -> UserRecord {
            var user = try BackupSamples.user()
            user.oneTimePassword = OneTimePasswordRecord(sealedSeed: [sealed], isConfirmed: true, lastStep: step)
            return user
        }
        let own = try user(step: 70, sealed: 1)
        var restored = UserRecord(id: own.id, name: own.name, passwordHash: own.passwordHash, scopes: own.scopes)
        restored.oneTimePassword = OneTimePasswordRecord(sealedSeed: [2], isConfirmed: true, lastStep: 60)
        let wanted = PreparedConfiguration(users: [.init(record: restored, seed: seed)])
        let same = try Self.difference(StoredConfiguration(users: [own]), wanted, hasSeed: true)
        #expect(same.users.unchanged == [own])
        let other = try Self.difference(StoredConfiguration(users: [own]), wanted, hasSeed: false)
        #expect(other.users.written.map(\.oneTimePassword) == [restored.oneTimePassword])
    }

    @Test func `a webhook keeps its secret as it is sealed, and goes on where its deliveries are`() throws {
        var progress = WebhookProgress(after: 40)
        progress.delivered(41, at: Timestamp(milliseconds: 9))
        progress.failed(.gone, at: Timestamp(milliseconds: 10), chance: 0)
        let own = try BackupSamples.webhook(sealed: [1]).stamped(Self.stamp(5), progress)
        func restored(hasSecret: Bool, _ change: (inout WebhookRecord) -> Void = { _ in }) throws -> RestoreDifference {
            var wanted = own.stamped(Self.stamp(0), WebhookProgress(after: 0))
            wanted.sealedSecret = [2]
            change(&wanted)
            return try Self.difference(
                StoredConfiguration(webhooks: [own]),
                PreparedConfiguration(webhooks: [.init(record: wanted, secret: BackupSamples.webhookSecret)]),
                hasSecret: hasSecret)
        }
        #expect(try restored(hasSecret: true).webhooks.unchanged == [own])
        let disabled = try #require(try restored(hasSecret: true) { $0.isEnabled = false }.webhooks.updated.first)
        #expect(disabled.record.sealedSecret == [1] && disabled.record.progress == progress.renewed)
        #expect(disabled.record.progress.cursor == 41 && !disabled.record.isEnabled)
        #expect(try restored(hasSecret: false).webhooks.updated.map(\.record.sealedSecret) == [[2]])
    }
}
