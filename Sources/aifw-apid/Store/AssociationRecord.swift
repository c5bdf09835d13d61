import Wire

/// An association as it should be: what protects the traffic between two gateways, one of which this host is.
struct AssociationRecord: Sendable, Equatable {
    let id: ObjectID
    /// What the kernel knows it by.
    let number: AssociationNumber
    var name: ObjectName
    var local: IPAddress
    var remote: IPAddress
    var protection = IPsecProtection.esp
    var mode = IPsecMode.tunnel
    /// What ESP encrypts with; kept, and without effect, where there is no ESP.
    var encryption = EncryptionAlgorithm.aes256GCM
    /// What authenticates where the cipher does not, and AH; kept, and without effect, where neither is.
    var authentication = AuthenticationAlgorithm.hmacSHA256
    /// Nil for the end's own address, as in transport mode always.
    var localNetworks: NetworkList?
    var remoteNetworks: NetworkList?
    var spiIn: SPI
    var spiOut: SPI
    var keys: AssociationKeys
    var replayWindow = ReplayWindow(validated: 0)
    /// What the operator wants; what the kernel says is never stored.
    var isEnabled = true

    /// Set by the store.
    private(set) var stamp = ObjectStamp.none

    init(
        id: ObjectID, number: AssociationNumber, name: ObjectName, local: IPAddress, remote: IPAddress, spiIn: SPI,
        spiOut: SPI, keys: AssociationKeys
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.local = local
        self.remote = remote
        self.spiIn = spiIn
        self.spiOut = spiOut
        self.keys = keys
    }

    /// How the log and other objects' refusals name it.
    var object: AuditObject { AuditObject(kind: .association, id: id, name: name) }

    /// The pairs of networks that it protects the traffic between; those of one family each.
    var selectors: [(local: Prefix, remote: Prefix)] {
        let local = localNetworks?.elements ?? [Prefix(host: local)]
        let remote = remoteNetworks?.elements ?? [Prefix(host: remote)]
        return local.flatMap { local in
            remote.filter { $0.family == local.family }.map { (local: local, remote: $0) }
        }
    }
}

extension AssociationRecord {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns = [
        "id", "number", "name", "local", "remote", "protocol", "mode", "encryption", "authentication",
        "local_networks", "remote_networks", "spi_in", "spi_out", "encryption_key_in", "encryption_fingerprint_in",
        "encryption_key_out", "encryption_fingerprint_out", "authentication_key_in", "authentication_fingerprint_in",
        "authentication_key_out", "authentication_fingerprint_out", "replay_window", "enabled", "created_at",
        "updated_at", "revision",
    ]

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        number = try row.number { (number: Int) throws(ValueError) in try AssociationNumber(number) }
        name = try row.text()
        local = try row.text()
        remote = try row.text()
        protection = try row.word()
        mode = try row.word()
        encryption = try row.word()
        authentication = try row.word()
        localNetworks = try row.optionalText()
        remoteNetworks = try row.optionalText()
        spiIn = try row.number { (number: Int) throws(ValueError) in try SPI(number) }
        spiOut = try row.number { (number: Int) throws(ValueError) in try SPI(number) }
        keys = try AssociationKeys(row: &row)
        replayWindow = try row.number { (number: Int) throws(ValueError) in try ReplayWindow(number) }
        isEnabled = try row.flag()
        stamp = try ObjectStamp(row: &row)
    }

    /// A value for each column.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .integer(Int64(number.rawValue)), .text(name.description), .text(local.description),
            .text(remote.description), .text(protection.rawValue), .text(mode.rawValue), .text(encryption.rawValue),
            .text(authentication.rawValue), .text(localNetworks), .text(remoteNetworks),
            .integer(Int64(spiIn.rawValue)), .integer(Int64(spiOut.rawValue)),
        ] + keys.arguments + [.integer(Int64(replayWindow.rawValue)), .flag(isEnabled)] + stamp.arguments
    }

    /// The same with what the store has kept of it.
    func stamped(_ stamp: ObjectStamp) -> AssociationRecord {
        var record = self
        record.stamp = stamp
        return record
    }
}

extension AssociationRecord {
    /// How many bytes a key of it has; nil where its algorithms need none.
    func keyLength(of slot: AssociationKeySlot) -> Int? { slot.length(protection, encryption, authentication) }

    /// What its two ends must have alike.
    var terms: AssociationTerms {
        AssociationTerms(
            id: id, number: number, name: name, local: local, remote: remote, protection: protection, mode: mode,
            encryption: encryption, authentication: authentication, localNetworks: localNetworks,
            remoteNetworks: remoteNetworks, selectors: selectors, spiIn: spiIn, spiOut: spiOut,
            replayWindow: replayWindow)
    }
}
