import Wire

/// A peer in a backup, its keys in clear: the backup's passphrase is what protects them.
struct PeerEntry: Message {
    /// Without its keys.
    let record: PeerRecord
    let privateKey: SecretKey?
    let presharedKey: SecretKey?

    init(_ record: PeerRecord, privateKey: SecretKey?, presharedKey: SecretKey?) {
        self.record = record
        self.privateKey = privateKey
        self.presharedKey = presharedKey
    }

    init(reader: inout MemberReader) throws(Refusal) {
        var record = PeerRecord(
            id: try reader.required("id"), tunnel: try reader.required("tunnel_id"),
            name: try reader.required("name"), publicKey: try reader.required("public_key"), privateKey: nil,
            isKeyGenerated: try reader.required("key_generated"), allowedIPs: try reader.required("allowed_ips"))
        privateKey = try reader.optional("private_key")
        presharedKey = try reader.optional("preshared_key")
        record.endpoint = try reader.optional("endpoint")
        record.clientRoutes = try reader.optional("client_routes")
        record.keepalive = try reader.required("persistent_keepalive")
        record.isEnabled = try reader.required("enabled")
        record.expiresAt = try reader.optional("expires_at")
        record.allowOverlap = try reader.required("allow_overlap")
        self.record = record.stamped(try ObjectStamp(reader: &reader))
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("tunnel_id", record.tunnel)
            writer.add("name", record.name)
            writer.add("public_key", record.publicKey)
            writer.add("private_key", privateKey)
            writer.add("key_generated", record.isKeyGenerated)
            writer.add("preshared_key", presharedKey)
            writer.add("endpoint", record.endpoint)
            writer.add("allowed_ips", record.allowedIPs)
            writer.add("client_routes", record.clientRoutes)
            writer.add("persistent_keepalive", record.keepalive)
            writer.add("enabled", record.isEnabled)
            writer.add("expires_at", record.expiresAt)
            writer.add("allow_overlap", record.allowOverlap)
            writer.add(record.stamp)
        }.members
    }
}
