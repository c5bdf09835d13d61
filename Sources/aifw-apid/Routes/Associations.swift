import HummingbirdCore
import Wire

/// `/api/v1/vpn/ipsec`: associations between this host and others.
struct Associations: Sendable {
    let plane: ControlPlane

    // MARK: Reading

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let page = try await plane.store.read { try $0.associations(query) }
        let statuses = try await statuses(of: page.records)
        return .list(zip(page.records, statuses).map { $0.json($1) }, next: page.next, total: page.total)
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let association = try await plane.store.read { try $0.association(id) }
        let statuses = try await statuses(of: [association])
        return .data(association.json(statuses[0]), etag: association.etag)
    }

    // MARK: Writing

    @Sendable func create(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let reader = try await context.body()
        let fields = AssociationFields(reader, .whole)
        let outcome = AssociationOutcome(fields, over: nil)
        fields.check(reader, outcome, current: nil, await plane.rules(for: outcome.remoteSelectors))
        let (name, local, remote) = try reader.finish(fields.name.value, outcome.local, outcome.remote)
        let spis = try await SPIChoice(plane: plane).choose(
            in: fields.spiIn.value, out: fields.spiOut.value,
            for: .init(local: local, remote: remote, protocols: outcome.protection.protocols, own: nil))
        let id = ObjectID.random()
        let keys = try await seal(fields, outcome, over: nil, for: id)
        let author = context.author
        let association = try await plane.write { transaction, helper in
            var association = AssociationRecord(
                id: id, number: try Self.freeNumber(transaction), name: name, local: local, remote: remote,
                spiIn: spis.in, spiOut: spis.out, keys: AssociationKeys(keys, over: nil, outcome))
            try association.keys.refuseSharing(with: outcome.encryption)
            outcome.apply(to: &association)
            fields.apply(to: &association)
            let stored = try transaction.insert(association, by: author)
            try Self.apply(try transaction.requests(from: nil, to: stored), helper)
            return stored
        }
        return .created(
            association.json(await statusAfterWrite(of: association)), location: AssociationRecord.location(id),
            etag: association.etag)
    }

    @Sendable func put(_ context: APIContext) async throws -> Response { try await update(context, .whole) }

    @Sendable func patch(_ context: APIContext) async throws -> Response { try await update(context, .partial) }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let conditions = context.conditions
        try await plane.write { transaction, helper in
            let former = try transaction.association(id)
            try conditions.permit(former.etag)
            try transaction.deleteAssociation(id, by: author)
            try Self.apply(try transaction.requests(from: former, to: nil), helper)
        }
        plane.faults[id] = nil
        return .message("Association deleted")
    }

    @Sendable func start(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let association = try await plane.write { transaction, helper in
            var association = try transaction.association(id)
            association.isEnabled = true
            let stored = try transaction.update(association, by: author, action: .start)
            // Whatever of it is there: who starts what is started already wants it to work.
            try Self.apply(try helper.requests(toStart: stored, in: transaction), helper)
            return stored
        }
        plane.faults[id] = nil
        return .message("Association started", etag: association.etag)
    }

    @Sendable func stop(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let association = try await plane.write { transaction, helper in
            let former = try transaction.association(id)
            var association = former
            association.isEnabled = false
            let stored = try transaction.update(association, by: author, action: .stop)
            try Self.apply(try transaction.requests(from: former, to: stored), helper)
            return stored
        }
        plane.faults[id] = nil
        return .message("Association stopped", etag: association.etag)
    }

    // MARK: Changes

    private func update(_ context: APIContext, _ completeness: TunnelFields.Completeness) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let json = try await context.json()
        return try await Overtaken.retrying {
            try await update(id, try BodyReader.reading(json), completeness, context)
        }
    }

    private func update(
        _ id: ObjectID, _ reader: BodyReader, _ completeness: TunnelFields.Completeness, _ context: APIContext
    ) async throws -> Response {
        let current = try await plane.store.read { try $0.association(id) }
        try context.conditions.permit(current.etag)
        let fields = AssociationFields(reader, completeness)
        let outcome = AssociationOutcome(fields, over: current)
        fields.check(reader, outcome, current: current, await plane.rules(for: outcome.remoteSelectors))
        Self.readOnly(reader, current)
        try reader.finish()
        let spis = try await spis(fields, outcome, over: current)
        let keys = try await seal(fields, outcome, over: current, for: id)
        let author = context.author
        let conditions = context.conditions
        let faults = plane.faults
        let (association, isApplied, warnings) = try await plane.write { transaction, helper in
            let former = try transaction.association(id)
            try conditions.permit(former.etag)
            guard former.stamp == current.stamp else { throw Overtaken() }
            var association = former
            outcome.apply(to: &association)
            fields.apply(to: &association)
            (association.spiIn, association.spiOut) = spis
            association.keys = AssociationKeys(keys, over: former.keys, outcome)
            try association.keys.refuseSharing(with: outcome.encryption)
            let stored = try transaction.update(association, by: author)
            var requests = try transaction.requests(from: former, to: stored)
            let isApplied = !requests.isEmpty
            if isApplied, stored.isEnabled, faults[id] != nil {
                requests = try helper.requests(toStart: stored, after: former, in: transaction)
            }
            try Self.apply(requests, helper)
            return (stored, isApplied, AssociationChange(from: former, to: stored).warnings)
        }
        if isApplied { plane.faults[id] = nil }
        return .data(
            association.json(await statusAfterWrite(of: association)), etag: association.etag, warnings: warnings)
    }

    /// The SPIs that are given or stay, and new ones where they are asked for; what is as it was is not asked about.
    private func spis(
        _ fields: AssociationFields, _ outcome: AssociationOutcome, over current: AssociationRecord
    ) async throws -> (SPI, SPI) {
        let (incoming, outgoing) = (
            fields.spiIn.applied(to: current.spiIn), fields.spiOut.applied(to: current.spiOut)
        )
        let place = SPIChoice.Place(
            local: outcome.local ?? current.local, remote: outcome.remote ?? current.remote,
            protocols: outcome.protection.protocols, own: current)
        guard
            incoming != current.spiIn || outgoing != current.spiOut || place.local != current.local
                || place.remote != current.remote || outcome.protection != current.protection
        else { return (current.spiIn, current.spiOut) }
        return try await SPIChoice(plane: plane).choose(in: incoming, out: outgoing, for: place)
    }

    // MARK: Parts

    private func seal(
        _ fields: AssociationFields, _ outcome: AssociationOutcome, over current: AssociationRecord?, for id: ObjectID
    ) async throws -> [AssociationKeySlot: SealedSymmetricKey] {
        try await AssociationKeySealer(reader: plane.reader).keys(
            outcome.newKeys(fields, over: current), fields, outcome, for: id)
    }

    private static func freeNumber(_ transaction: WriteTransaction) throws -> AssociationNumber {
        guard let number = try transaction.nextFreeAssociationNumber() else {
            throw Problem(.conflict, "There are as many associations as this host can tell apart.")
        }
        return number
    }

    /// Has the helper do what a change needs; what it refuses is told in the API's terms.
    private static func apply(_ requests: [Wire.Request], _ helper: HelperWriter) throws {
        for request in requests {
            do {
                try helper.apply([request])
            } catch HelperError.refused(let refusal) {
                throw HelperError.refused(refusal.inTermsOfAssociations(request))
            }
        }
    }

    /// The members that can be read and not set, for a client that sends back what it got.
    private static func readOnly(_ reader: BodyReader, _ association: AssociationRecord) {
        // What is not the association's own may have changed since the client read it: what could have been read is let pass.
        _ = reader.optional("status") { (json) throws(ValueError) in
            guard ["up", "down", "error"].contains(json.text) else {
                throw ValueError("can't be changed; leave it out")
            }
        }
        reader.ignored("status_detail")
        reader.ignored("installed")
        let shown = association.json(.down)
        for name in ["id", "spi", "created_at", "updated_at"] { reader.readOnly(name, is: shown[name] ?? nil) }
    }

    // MARK: Status

    private func statuses(of associations: [AssociationRecord]) async throws -> [AssociationStatus] {
        let states = try await plane.associationStates(of: associations)
        return associations.map { association in
            guard let state = states[association.id] else { return .unknown("not known: it was not read") }
            return AssociationStatus(
                isEnabled: association.isEnabled, state: state,
                fault: plane.faults.fault(of: association.id, isEnabled: association.isEnabled))
        }
    }

    /// The write is done, so it is answered even if the helper is gone meanwhile; but nothing is claimed of the kernel.
    private func statusAfterWrite(of association: AssociationRecord) async -> AssociationStatus {
        do {
            return try await statuses(of: [association])[0]
        } catch {
            return .unknown("not known: \(error)")
        }
    }
}

extension AssociationFields {
    /// Sets what was said of what depends on nothing else.
    func apply(to association: inout AssociationRecord) {
        association.name = name.value ?? association.name
        association.replayWindow = replayWindow.applied(to: association.replayWindow) ?? ReplayWindow(validated: 0)
        association.isEnabled = enabled.value ?? association.isEnabled
    }
}
