import Wire

/// What a request says of a peer that is to be made: by itself, or as one of many.
struct NewPeerFields: Sendable {
    let fields: PeerFields
    /// Whether its private key is kept; else it is in the answer's configuration only, once.
    let keepsKey: Bool

    /// Reads and checks the members; ``BodyReader/finish()`` is the caller's.
    init(_ reader: BodyReader) {
        fields = PeerFields(reader, .whole)
        keepsKey = reader.optional("keep_private_key", as: Bool.self).value ?? true
        if let expiry = fields.expiresAt.value, expiry <= .now { reader.fault("expires_at", "must be in the future") }
        if !keepsKey, fields.publicKey.value != nil {
            reader.fault("keep_private_key", "has no meaning beside public_key: no private key is made")
        }
    }

    /// The allowed IPs that are given; nil for the next free addresses.
    var allowedIPs: AllowedIPs? {
        if case .given(let prefixes)? = fields.allowedIPs.value { prefixes } else { nil }
    }

    var proposal: PeerProposal {
        PeerProposal(
            name: fields.name.value, publicKey: fields.publicKey.value, allowedIPs: allowedIPs,
            allowOverlap: fields.allowOverlap.value ?? false)
    }

    func wish(for id: ObjectID) -> PeerKeys.Sealer.Wish {
        .init(peer: id, publicKey: fields.publicKey.value, presharedKey: fields.presharedKey.value)
    }

    /// The peer as it is stored: without its private key, if that is not to be kept.
    func record(
        _ id: ObjectID, named name: ObjectName, in tunnel: TunnelRecord, _ keys: PeerKeys, _ allowedIPs: AllowedIPs
    ) -> PeerRecord {
        var peer = PeerRecord(
            id: id, tunnel: tunnel.id, name: name, publicKey: keys.publicKey,
            privateKey: keepsKey ? keys.privateKey : nil, isKeyGenerated: keys.isGenerated, allowedIPs: allowedIPs)
        fields.apply(to: &peer)
        peer.presharedKey = keys.presharedKey
        return peer
    }
}
