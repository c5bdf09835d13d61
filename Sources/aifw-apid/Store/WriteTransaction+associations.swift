import Wire

extension WriteTransaction {
    /// Stores a new association and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    func insert(_ association: AssociationRecord, by author: Author, changes: JSON? = nil) throws -> AssociationRecord {
        let clashes = try clashes(of: association)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(.create, of: association.object, by: author, changes: changes)
        let stored = association.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: revision))
        try database.run(AssociationRecord.insert, stored.arguments + [.text(stored.name.key)])
        try database.run(
            "DELETE FROM association_free_number WHERE number = ?", [.integer(Int64(stored.number.rawValue))])
        state.newSecrets += stored.keys.secrets
        try insertSelectors(of: stored)
        return stored
    }

    /// Stores what an association has become and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    ///
    /// One that has not changed is neither stored nor logged, and keeps its revision.
    func update(
        _ association: AssociationRecord, by author: Author, action: AuditAction = .update
    ) throws -> AssociationRecord {
        let former = try self.association(association.id)
        guard association.stamped(former.stamp) != former else { return former }
        let clashes = try clashes(of: association)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(
            action, of: association.object, by: author, changes: JSON.changes(from: former, to: association))
        let stored = association.stamped(
            ObjectStamp(createdAt: former.stamp.createdAt, updatedAt: now, revision: revision))
        try database.run(
            AssociationRecord.update, stored.arguments + [.text(stored.name.key), .bytes(stored.id.bytes)])
        state.newSecrets += stored.keys.secrets.filter { !former.keys.secrets.contains($0) }
        if !stored.selectors.elementsEqual(former.selectors, by: ==) {
            try database.run("DELETE FROM association_selector WHERE association_id = ?", [.bytes(stored.id.bytes)])
            try insertSelectors(of: stored)
        }
        return stored
    }

    /// Deletes an association and logs it; returns what it was.
    @discardableResult
    func deleteAssociation(_ id: ObjectID, by author: Author) throws -> AssociationRecord {
        let association = try association(id)
        try database.run("DELETE FROM association WHERE id = ?", [.bytes(id.bytes)])
        try database.run(
            "INSERT INTO association_free_number (number) VALUES (?)", [.integer(Int64(association.number.rawValue))])
        try log(.delete, of: association.object, by: author)
        return association
    }

    func insertSelectors(of association: AssociationRecord) throws {
        for (local, remote) in association.selectors {
            try database.run(
                "INSERT INTO association_selector (local, remote, association_id) VALUES (?, ?, ?)",
                [.text(local.description), .text(remote.description), .bytes(association.id.bytes)])
        }
    }
}
