import Wire

@testable import aifw_apid

/// Files of backups whose keys are made at once, and what they hold.
enum BackupSamples {
    static let cost = BackupKey.Cost(passes: 1, kibibytes: 8)
    static let salt = [UInt8](repeating: 9, count: BackupKey.saltLength)
    static let passphrase = "a passphrase for tests"

    static func key(_ passphrase: String = passphrase) throws -> BackupKey {
        try BackupKey(try BackupPassphrase(passphrase), salt: salt, cost: cost)
    }

    static func summary(_ records: [BackupRecord]) -> BackupRecord {
        var counts = Dictionary(uniqueKeysWithValues: BackupRecord.Kind.allCases.map { ($0, 0) })
        for record in records { if let kind = record.kind { counts[kind, default: 0] += 1 } }
        return .summary(
            BackupSummary(
                createdAt: Timestamp(milliseconds: 1_800_000_000_123), program: "test", revision: 7, counts: counts,
                warnings: ["mind the gap"]))
    }

    /// A file with a summary and these records.
    static func file(_ records: [BackupRecord], summary: BackupRecord? = nil) throws -> [UInt8] {
        let writer = BackupWriter(try key(), salt: salt, cost: cost)
        let file = Bytes()
        writer.head.withUnsafeBytes(file.append)
        for record in [summary ?? Self.summary(records)] + records {
            try writer.append(record).withUnsafeBytes(file.append)
        }
        writer.finish().withUnsafeBytes(file.append)
        return file.withUnsafeBytes { Array($0) }
    }

    static func read(_ file: [UInt8], _ passphrase: String = passphrase) throws -> BackupContents {
        let reader = try BackupReader(Bytes(file))
        return try BackupContents(reader, try key(passphrase))
    }

    /// Why a file is refused; nil if it is read.
    static func fault(_ file: [UInt8], _ passphrase: String = passphrase) throws -> BackupError? {
        do {
            _ = try read(file, passphrase)
            return nil
        } catch let error as BackupError {
            return error
        }
    }

    // MARK: Records

    static let secret = SecretKey(Bytes(Array(UInt8(1)...32)))!

    static func tunnel(
        _ name: String = "office", number: Int = 0, address: String = "10.0.0.1/24"
    ) throws -> TunnelRecord {
        try TunnelRecord.sample(name, number: number, address: address)
    }

    static func peer(_ name: String, of tunnel: TunnelRecord, _ allowedIPs: String = "10.0.0.2/32") throws -> PeerRecord
    {
        var peer = try PeerRecord.sample(name, of: tunnel.id, allowedIPs: try AllowedIPs(allowedIPs))
        peer.privateKey = nil
        return peer
    }

    static func entry(_ peer: PeerRecord) -> BackupRecord {
        .peer(PeerEntry(peer, privateKey: nil, presharedKey: secret))
    }

    static func association(_ number: Int = 1) throws -> AssociationRecord {
        var association = try AssociationRecord.sample("dc \(number)", number: number)
        association.keys = AssociationKeys()
        return association
    }

    static func entry(_ association: AssociationRecord) -> BackupRecord {
        let keys = AssociationKeySlot.allCases.compactMap { slot in
            association.keyLength(of: slot).flatMap { Secret(Bytes([UInt8](repeating: 3, count: $0))) }.map {
                (slot, $0)
            }
        }
        return .association(AssociationEntry(association, keys: Dictionary(uniqueKeysWithValues: keys)))
    }

    static func token(_ name: String = "reader", hash: UInt8 = 1) throws -> TokenRecord {
        TokenRecord(
            id: .random(), name: try ObjectName(name), scopes: [.vpnRead, .vpnSecrets],
            hash: [UInt8](repeating: hash, count: 32), createdAt: Timestamp(milliseconds: 1), expiresAt: nil)
    }

    static func user(_ name: String = "alice") throws -> UserRecord {
        UserRecord(id: .random(), name: try Username(name), passwordHash: .ofNobody, scopes: .admin)
    }

    static let webhookSecret = WebhookSecret(key: Secret(Bytes([UInt8](repeating: 6, count: WebhookSecret.length)))!)

    static func webhook(_ name: String = "inventory", sealed: [UInt8] = []) throws -> WebhookRecord {
        WebhookRecord(
            id: .random(), name: try ObjectName(name), url: try WebhookURL("https://hooks.example.org/vpn"),
            objects: nil, isEnabled: true, sealedSecret: sealed)
    }

    static func entry(_ webhook: WebhookRecord) -> BackupRecord {
        .webhook(WebhookEntry(webhook, secret: webhookSecret))
    }
}

extension BackupRecord {
    var kind: Kind? {
        switch self {
        case .summary: nil
        case .tunnel: .tunnel
        case .peer: .peer
        case .association: .association
        case .token: .token
        case .user: .user
        case .webhook: .webhook
        }
    }
}
