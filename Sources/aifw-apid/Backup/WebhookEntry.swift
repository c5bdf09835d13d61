import Wire

/// A webhook in a backup, what signs its deliveries in clear, for the key that it is sealed with belongs to one machine.
///
/// How far its deliveries have come is not in it: that is what receivers have been told, and no intent.
struct WebhookEntry: Message {
    /// Without its secret.
    let record: WebhookRecord
    let secret: WebhookSecret

    init(_ record: WebhookRecord, secret: WebhookSecret) {
        self.record = record
        self.secret = secret
    }

    init(reader: inout MemberReader) throws(Refusal) {
        let record = WebhookRecord(
            id: try reader.required("id"), name: try reader.required("name"), url: try reader.required("url"),
            objects: try reader.optional("objects"), isEnabled: try reader.required("enabled"), sealedSecret: [])
        let key: Secret = try reader.required("secret")
        guard key.count == WebhookSecret.length else {
            throw Refusal(.malformed, "has another length than a secret", field: reader.path("secret"))
        }
        secret = WebhookSecret(key: key)
        self.record = record.stamped(try ObjectStamp(reader: &reader), record.progress)
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("name", record.name)
            writer.add("url", record.url)
            writer.add("objects", record.objects)
            writer.add("enabled", record.isEnabled)
            writer.add("secret", secret.key)
            writer.add(record.stamp)
        }.members
    }
}
