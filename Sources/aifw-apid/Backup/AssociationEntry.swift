import Wire

/// An association in a backup, its keys in clear: the backup's passphrase is what protects them.
struct AssociationEntry: Message {
    /// Without its keys.
    let record: AssociationRecord
    let keys: [AssociationKeySlot: Secret]

    init(_ record: AssociationRecord, keys: [AssociationKeySlot: Secret]) {
        self.record = record
        self.keys = keys
    }

    init(reader: inout MemberReader) throws(Refusal) {
        var record = AssociationRecord(
            id: try reader.required("id"), number: try reader.required("number"), name: try reader.required("name"),
            local: try reader.required("src_addr"), remote: try reader.required("dst_addr"),
            spiIn: try reader.required("spi_in"), spiOut: try reader.required("spi_out"), keys: AssociationKeys())
        let word: String = try reader.required("protocol")
        guard let protection = IPsecProtection(rawValue: word) else {
            throw Refusal(.malformed, "is no protocol", field: reader.path("protocol"))
        }
        record.protection = protection
        record.mode = try reader.required("mode")
        record.encryption = try reader.required("enc_algo")
        record.authentication = try reader.required("auth_algo")
        record.localNetworks = try reader.optional("src_networks")
        record.remoteNetworks = try reader.optional("dst_networks")
        record.replayWindow = try reader.required("replay_window")
        record.isEnabled = try reader.required("enabled")
        var keys: [AssociationKeySlot: Secret] = [:]
        for slot in AssociationKeySlot.allCases { keys[slot] = try reader.optional(slot.member) }
        self.keys = keys
        self.record = record.stamped(try ObjectStamp(reader: &reader))
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("number", record.number)
            writer.add("name", record.name)
            writer.add("src_addr", record.local)
            writer.add("dst_addr", record.remote)
            writer.add("protocol", record.protection.rawValue)
            writer.add("mode", record.mode)
            writer.add("enc_algo", record.encryption)
            writer.add("auth_algo", record.authentication)
            writer.add("src_networks", record.localNetworks)
            writer.add("dst_networks", record.remoteNetworks)
            writer.add("spi_in", record.spiIn)
            writer.add("spi_out", record.spiOut)
            for slot in AssociationKeySlot.allCases { writer.add(slot.member, keys[slot]) }
            writer.add("replay_window", record.replayWindow)
            writer.add("enabled", record.isEnabled)
            writer.add(record.stamp)
        }.members
    }
}
