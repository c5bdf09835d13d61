import Wire

/// A tunnel in a backup. Its private key is there sealed, for the machine that it comes from, and as a box for whoever has
/// the recovery code; never in clear.
struct TunnelEntry: Message {
    /// With the sealed key as it was.
    let record: TunnelRecord
    /// Nil where no recovery key was set.
    let box: RecoveryBox?

    init(_ record: TunnelRecord, box: RecoveryBox?) {
        self.record = record
        self.box = box
    }

    init(reader: inout MemberReader) throws(Refusal) {
        var record = TunnelRecord(
            id: try reader.required("id"), name: try reader.required("name"),
            interface: try reader.required("interface"), privateKey: try reader.required("sealed_key"),
            publicKey: try reader.required("public_key"), listenPort: try reader.required("listen_port"),
            address: try reader.required("address"))
        record.dns = try reader.optional("dns")
        record.mtu = try reader.required("mtu")
        record.listenInterface = try reader.optional("listen_interface")
        record.splitRoutes = try reader.optional("split_routes")
        record.endpoint = try reader.optional("endpoint")
        record.mark = try reader.required("fwmark")
        record.masquerade = try reader.required("masquerade")
        record.routes = try reader.required("routes")
        record.allowOverlap = try reader.required("allow_overlap")
        record.isEnabled = try reader.required("enabled")
        box = try reader.optional("recovery_box")
        self.record = record.stamped(try ObjectStamp(reader: &reader), peerCount: 0)
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("name", record.name)
            writer.add("interface", record.interface)
            writer.add("public_key", record.publicKey)
            writer.add("sealed_key", record.privateKey)
            writer.add("recovery_box", box)
            writer.add("listen_port", record.listenPort)
            writer.add("address", record.address)
            writer.add("dns", record.dns)
            writer.add("mtu", record.mtu)
            writer.add("listen_interface", record.listenInterface)
            writer.add("split_routes", record.splitRoutes)
            writer.add("endpoint", record.endpoint)
            writer.add("fwmark", record.mark)
            writer.add("masquerade", record.masquerade)
            writer.add("routes", record.routes)
            writer.add("allow_overlap", record.allowOverlap)
            writer.add("enabled", record.isEnabled)
            writer.add(record.stamp)
        }.members
    }
}

extension ObjectStamp {
    /// The times of an object in a backup. A revision counts on one machine only, so none is kept.
    init(reader: inout MemberReader) throws(Refusal) {
        self.init(
            createdAt: try reader.required("created_at"), updatedAt: try reader.required("updated_at"), revision: 0)
    }
}

extension MemberWriter {
    mutating func add(_ stamp: ObjectStamp) {
        add("created_at", stamp.createdAt)
        add("updated_at", stamp.updatedAt)
    }
}
