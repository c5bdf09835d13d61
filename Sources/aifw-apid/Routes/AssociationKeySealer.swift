import Wire

/// Has the helper make and seal keys of an association: in one request, of class `client`, and never seen here.
struct AssociationKeySealer: Sendable {
    let reader: HelperReader

    /// Where a key is given it is sealed; the others are made. Without any the helper is not asked.
    ///
    /// - Parameters:
    ///   - slots: which keys.
    ///   - outcome: what says how long they are.
    func keys(
        _ slots: [AssociationKeySlot], _ fields: AssociationFields, _ outcome: AssociationOutcome, for id: ObjectID
    ) async throws -> [AssociationKeySlot: SealedSymmetricKey] {
        let items = slots.compactMap { slot -> Seal.Item? in
            guard let length = outcome.keyLength(of: slot) else { return nil }
            let given = fields.key(slot).value?.secret
            return Seal.Item(
                object: id, class: .client, purpose: slot.purpose,
                origin: given.map { .given($0) } ?? .made(length: length))
        }
        guard !items.isEmpty else { return [:] }
        let sealed = try await reader.call(Seal(items)).sealed
        var keys: [AssociationKeySlot: SealedSymmetricKey] = [:]
        for (slot, item) in zip(slots, sealed) {
            guard let fingerprint = item.fingerprint else { continue }
            keys[slot] = SealedSymmetricKey(secret: item.secret, fingerprint: fingerprint)
        }
        guard keys.count == slots.count else {
            throw HelperError.unavailable("it sealed fewer keys than it was asked to")
        }
        return keys
    }
}

extension AssociationKeys {
    /// Those that are new and, of those of before, the ones that are needed still.
    init(_ new: [AssociationKeySlot: SealedSymmetricKey], over former: AssociationKeys?, _ outcome: AssociationOutcome)
    {
        self.init()
        for slot in AssociationKeySlot.allCases where outcome.keyLength(of: slot) != nil {
            self[slot] = new[slot] ?? former?[slot]
        }
    }

    /// Throws 422 where both directions have one key and a cipher that counts: the two ends would encrypt different packets
    /// with one key and one nonce, from which both can be read (RFC 4106, section 2; RFC 7634, section 2).
    func refuseSharing(with cipher: EncryptionAlgorithm) throws(Problem) {
        guard cipher.isAuthenticated, let encryptionIn, encryptionIn.fingerprint == encryptionOut?.fingerprint else {
            return
        }
        throw Problem.invalid([
            .init(
                field: AssociationKeySlot.encryptionOut.member,
                detail: "must differ from enc_key_in: \(cipher.rawValue) is broken where both directions have one key")
        ])
    }
}
