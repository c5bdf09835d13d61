import Wire

/// The sealed keys of an association; those that its algorithms do not need are nil.
struct AssociationKeys: Sendable, Equatable {
    var encryptionIn: SealedSymmetricKey?
    var encryptionOut: SealedSymmetricKey?
    var authenticationIn: SealedSymmetricKey?
    var authenticationOut: SealedSymmetricKey?

    /// All that there are, sealed.
    var secrets: [SealedSecret] { AssociationKeySlot.allCases.compactMap { self[$0]?.secret } }
}

extension AssociationKeys {
    subscript(slot: AssociationKeySlot) -> SealedSymmetricKey? {
        get {
            switch slot {
            case .encryptionIn: encryptionIn
            case .encryptionOut: encryptionOut
            case .authenticationIn: authenticationIn
            case .authenticationOut: authenticationOut
            }
        }
        set {
            switch slot {
            case .encryptionIn: encryptionIn = newValue
            case .encryptionOut: encryptionOut = newValue
            case .authenticationIn: authenticationIn = newValue
            case .authenticationOut: authenticationOut = newValue
            }
        }
    }
}

extension AssociationKeys {
    init(row: inout RowReader) throws {
        for slot in AssociationKeySlot.allCases { self[slot] = try SealedSymmetricKey(row: &row) }
    }

    var arguments: [ColumnValue] {
        AssociationKeySlot.allCases.flatMap { slot in
            [.bytes(self[slot]?.secret.bytes), .bytes(self[slot]?.fingerprint.bytes)]
        }
    }
}
