import Wire

/// A token in a backup: its hash, by which its holder is known again, and not itself, which nobody has but its holder.
struct TokenEntry: Message {
    let record: TokenRecord

    init(_ record: TokenRecord) { self.record = record }

    init(reader: inout MemberReader) throws(Refusal) {
        let (id, name): (ObjectID, ObjectName) = (try reader.required("id"), try reader.required("name"))
        let hash: TokenHash = try reader.required("hash")
        record = TokenRecord(
            id: id, name: name, scopes: try Scopes(reader: &reader), hash: hash.bytes,
            createdAt: try reader.required("created_at"), expiresAt: try reader.optional("expires_at"))
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("name", record.name)
            writer.add("scopes", record.scopes.json)
            writer.add("hash", TokenHash(bytes: record.hash))
            writer.add("created_at", record.createdAt)
            writer.add("expires_at", record.expiresAt)
        }.members
    }
}

/// A token's hash, in base 64.
private struct TokenHash: WireValue {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json, let bytes = text.withUTF8({ Base64.decode($0) }),
            bytes.count == BLAKE2b.length
        else { throw ValueError("must be a hash of \(BLAKE2b.length) bytes in base 64") }
        self.bytes = bytes.withUnsafeBytes { Array($0) }
    }

    var json: JSON {
        let text = Bytes()
        bytes.withUnsafeBytes { Base64.encode($0, to: text) }
        return .string(JSONString(text))
    }
}

extension Scopes {
    /// The member `scopes` of an object in a backup.
    init(reader: inout MemberReader) throws(Refusal) {
        guard let json = reader.take("scopes") else { throw reader.missing("scopes") }
        do throws(ValueError) {
            try self.init(json: json)
        } catch {
            throw Refusal(.malformed, error.description, field: reader.path("scopes"))
        }
    }
}
