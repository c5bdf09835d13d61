import GRDB
import Wire

/// Everything that is an operator's intent, as it was at one moment: what a backup holds and a restore replaces.
///
/// Sessions, the set-up code, idempotency keys and the log are no intent, and neither is how far webhooks' deliveries have come,
/// though each webhook has that here.
struct StoredConfiguration: Sendable {
    /// The last revision that is in it.
    var revision: Int64 = 0
    var tunnels: [TunnelRecord] = []
    var peers: [PeerRecord] = []
    var associations: [AssociationRecord] = []
    var tokens: [TokenRecord] = []
    var users: [UserRecord] = []
    var webhooks: [WebhookRecord] = []

    /// All that is sealed by the helper.
    var secrets: [StoredSecret] { deviceSecrets + clientSecrets }

    var deviceSecrets: [StoredSecret] {
        tunnels.map { StoredSecret(place: .tunnelPrivateKey, object: $0.id, secret: $0.privateKey) }
    }

    private var clientSecrets: [StoredSecret] { peers.flatMap(\.storedSecrets) + associations.flatMap(\.storedSecrets) }

    /// Who has a secret, in words.
    func owner(of id: ObjectID) -> String {
        if let tunnel = tunnels.first(where: { $0.id == id }) { return "tunnel \"\(tunnel.name)\" (\(id))" }
        if let peer = peers.first(where: { $0.id == id }) { return "peer \"\(peer.name)\" (\(id))" }
        let association = associations.first { $0.id == id }
        return association.map { "association \"\($0.name)\" (\(id))" } ?? "object \(id)"
    }
}

extension PeerRecord {
    /// Its secrets in their order: the private key, then the pre-shared one.
    var storedSecrets: [StoredSecret] {
        [
            privateKey.map { StoredSecret(place: .peerPrivateKey, object: id, secret: $0) },
            presharedKey.map { StoredSecret(place: .peerPresharedKey, object: id, secret: $0.secret) },
        ].compactMap(\.self)
    }
}

extension AssociationRecord {
    /// Its secrets in the order of ``AssociationKeySlot``.
    var storedSecrets: [StoredSecret] {
        AssociationKeySlot.allCases.compactMap { slot in
            keys[slot].map { StoredSecret(place: slot.place, object: id, secret: $0.secret) }
        }
    }
}

extension AssociationKeySlot {
    fileprivate var place: StoredSecret.Place {
        switch self {
        case .encryptionIn: .associationEncryptionKeyIn
        case .encryptionOut: .associationEncryptionKeyOut
        case .authenticationIn: .associationAuthenticationKeyIn
        case .authenticationOut: .associationAuthenticationKeyOut
        }
    }
}

extension StoreTransaction {
    /// All of it, of this one snapshot.
    func configuration() throws -> StoredConfiguration {
        var configuration = StoredConfiguration(tunnels: try tunnels(), associations: try associations())
        configuration.revision = try database.first("SELECT max(number) FROM revision")?[0] ?? 0
        for tunnel in configuration.tunnels {
            try forEachPeer(of: tunnel.id) { configuration.peers.append($0) }
        }
        configuration.tokens = try tokens()
        try database.each("\(UserRecord.select) ORDER BY created_at, id") { row in
            configuration.users.append(try UserRecord(row: RowReader(row, of: "user")))
            return true
        }
        configuration.webhooks = try webhooks()
        return configuration
    }
}
