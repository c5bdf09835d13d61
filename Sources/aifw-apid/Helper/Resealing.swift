import Wire

/// A pass over all stored secrets that brings them under the helper's current master key, batch by batch.
///
/// It belongs to one connection to the helper. What doesn't open is left as it is, and passed over.
struct Resealing: Sendable {
    /// The most objects that are named of those whose secrets don't open.
    private static let most = 10

    /// The helper's current key.
    private let key: SealingKeyID
    /// The last secret that was looked at.
    private var last: StoredSecret?
    /// How many secrets were sealed anew.
    private(set) var done = 0
    /// How many don't open.
    private(set) var unopened = 0
    /// To whom they belong, the first of them.
    private(set) var objects: [ObjectID] = []

    /// Nil if all are under the key already.
    init?(to key: SealingKeyID, in transaction: some StoreTransaction) throws {
        guard try !transaction.secrets(notUnder: key, limit: 1).isEmpty else { return nil }
        self.key = key
    }

    /// Does the next batch, up to ``Reseal/limit`` secrets; false if none is left.
    ///
    /// The helper names the first that doesn't open and reseals none: those before it are asked for again, and then it
    /// alone. From there on twice as many each time, so that neither one nor thousands of them cost much.
    mutating func next(in transaction: WriteTransaction, with helper: HelperWriter) throws -> Bool {
        var rest = try transaction.secrets(notUnder: key, after: last, limit: Reseal.limit)[...]
        guard let end = rest.last else { return false }
        var size = Reseal.limit
        while !rest.isEmpty {
            let asked = rest.prefix(size)
            do {
                try store(try helper.call(Reseal(asked.map(\.item))), of: asked, in: transaction)
                rest = rest.dropFirst(asked.count)
                size = min(2 * size, Reseal.limit)
            } catch HelperError.refused(let refusal) {
                guard let index = refusal.unopened, index < asked.count else { throw HelperError.refused(refusal) }
                if index == 0, let first = rest.popFirst() { note(first.object) }
                size = max(index, 1)
            }
        }
        last = end
        return true
    }

    private mutating func store(
        _ answer: Reseal.Answer, of asked: ArraySlice<StoredSecret>, in transaction: WriteTransaction
    ) throws {
        guard answer.sealed.count == asked.count else {
            throw HelperError.unavailable("it sealed fewer secrets anew than it was asked to")
        }
        for (stored, new) in zip(asked, answer.sealed) {
            guard new.secret.keyID == key,
                (new.fingerprint != nil) == stored.place.purpose.hasFingerprint
            else { throw HelperError.unavailable("it sealed a secret otherwise than it was asked to") }
            try transaction.replace(stored, by: new.secret, fingerprint: new.fingerprint)
        }
        done += asked.count
    }

    private mutating func note(_ object: ObjectID) {
        unopened += 1
        if objects.count < Self.most, !objects.contains(object) { objects.append(object) }
    }
}

extension StoredSecret {
    /// What the helper is asked for it.
    var item: Reseal.Item {
        Reseal.Item(object: object, class: place.secretClass, purpose: place.purpose, secret: secret)
    }
}

extension Refusal {
    /// Which secret of a request doesn't open, by its place in `secrets[…].secret`; nil if something else was refused.
    var unopened: Int? {
        guard code == .unsealable, let field, field.hasPrefix("secrets[") else { return nil }
        return Int(field.dropFirst("secrets[".count).prefix { $0 != "]" }).flatMap { $0 < 0 ? nil : $0 }
    }
}
