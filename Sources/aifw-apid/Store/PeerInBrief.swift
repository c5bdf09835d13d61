import Wire

/// Who a peer is, and what its state depends on.
struct PeerInBrief: Sendable {
    let id: ObjectID
    let name: ObjectName
    let publicKey: PublicKey
    let isEnabled: Bool
    let expiresAt: Timestamp?

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        name = try row.text()
        publicKey = try row.bytes(PublicKey.init(bytes:))
        isEnabled = try row.flag()
        expiresAt = try row.optionalTime()
    }
}
