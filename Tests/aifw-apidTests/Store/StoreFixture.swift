import FoundationEssentials
import Synchronization
import Wire

@testable import aifw_apid

/// A store in a folder of its own that goes with it, and a clock that stands still unless it is set.
final class StoreFixture: Sendable {
    let folder: String
    let store: Store
    let clock: TestClock

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "aifw-store-\(ObjectID.random())").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let clock = TestClock()
        self.clock = clock
        store = try Store(path: folder + "/aifw.db", clock: { clock.now })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var path: String { folder + "/aifw.db" }

    /// A tunnel that is stored.
    func tunnel(_ name: String = "office", number: Int = 0, address: String = "10.0.0.1/24") async throws
        -> TunnelRecord
    {
        let tunnel = try TunnelRecord.sample(name, number: number, address: address)
        return try await store.write { try $0.insert(tunnel, by: .tester) }
    }

    /// A peer of `tunnel` that is stored, with the next free address.
    func peer(_ name: String, of tunnel: TunnelRecord, allowedIPs: String? = nil) async throws -> PeerRecord {
        try await store.write { transaction in
            let free = try transaction.takeNextFreeAddress(in: tunnel)
            let prefixes = try AllowedIPs(allowedIPs ?? free.map { "\($0)" } ?? "")
            return try transaction.insert(.sample(name, of: tunnel.id, allowedIPs: prefixes), by: .tester)
        }
    }
}

/// A clock for tests.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    func advance(milliseconds: Int64) { now = Timestamp(milliseconds: now.milliseconds + milliseconds) }
}

extension Author {
    static let tester = Author(kind: .token, name: "tester", origin: "192.0.2.9")
}

extension TunnelRecord {
    static func sample(_ name: String = "office", number: Int = 0, address: String = "10.0.0.1/24") throws
        -> TunnelRecord
    {
        TunnelRecord(
            id: .random(), name: try ObjectName(name), interface: try TunnelInterface(number: number),
            privateKey: .sample, publicKey: .random(), listenPort: try Port(51820 + number),
            address: try AddressList(address))
    }
}

extension PeerRecord {
    static func sample(_ name: String, of tunnel: ObjectID, allowedIPs: AllowedIPs) throws -> PeerRecord {
        PeerRecord(
            id: .random(), tunnel: tunnel, name: try ObjectName(name), publicKey: .random(), privateKey: .sample,
            isKeyGenerated: true, allowedIPs: allowedIPs)
    }
}

extension AssociationRecord {
    /// With AES-256-GCM, as all defaults have it; the number, the SPIs and, unless given, the far end go by `number`.
    static func sample(
        _ name: String = "office-to-dc", number: Int = 1, local: String = "203.0.113.1", remote: String? = nil,
        localNetworks: String? = nil, remoteNetworks: String? = nil
    ) throws -> AssociationRecord {
        var record = AssociationRecord(
            id: .random(), number: try AssociationNumber(number), name: try ObjectName(name),
            local: try IPAddress(local), remote: try IPAddress(remote ?? "198.51.100.\(number)"),
            spiIn: try SPI(0x1000 + number), spiOut: try SPI(0x2000 + number),
            keys: AssociationKeys(encryptionIn: .sample(), encryptionOut: .sample()))
        record.localNetworks = try localNetworks.map { try NetworkList($0) }
        record.remoteNetworks = try remoteNetworks.map { try NetworkList($0) }
        return record
    }
}

extension SealedSymmetricKey {
    /// As the stand-in for the helper seals one.
    static func sample(under key: SealingKeyID = .sample) -> SealedSymmetricKey {
        let secret = SealedSecret.sample(under: key)
        return SealedSymmetricKey(secret: secret, fingerprint: secret.fingerprint(under: key)!)
    }
}

extension PublicKey {
    static func random() -> PublicKey {
        PublicKey(bytes: ObjectID.random().bytes + ObjectID.random().bytes) ?? .sample
    }

    static let sample = PublicKey(bytes: Array(repeating: 7, count: 32))!
}

extension SealedSecret {
    static let sample = sample(under: .sample)

    /// Under a key, with content of its own.
    static func sample(under key: SealingKeyID) -> SealedSecret {
        SealedSecret(bytes: [1] + key.bytes + ObjectID.random().bytes)!
    }
}

extension SealingKeyID {
    static let sample = SealingKeyID(bytes: Array(repeating: 7, count: 8))!
}
