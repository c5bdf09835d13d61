import Logging
import Wire

/// What comes first over a new connection: where the helper has another master key than stored secrets are under, these are
/// brought under it; and only then is the kernel compared with the rows, for with the key the fingerprints of pre-shared keys
/// change.
extension ControlPlane {
    /// Runs `body` on the writer's queue, with the helper connected and everything compared, if it can be reached.
    func connected<Result: Sendable>(
        _ body: @escaping @Sendable (WriteTransaction) throws -> Result
    ) async throws -> Result {
        let result = try await store.write { [self] transaction in
            connect(transaction) ? try body(transaction) : nil
        }
        if let result { return result }
        try await reseal()
        return try await store.write { [self] transaction in
            // Yet another helper, with yet another key: what needs it fails this time, as if it were not there.
            if !connect(transaction) { writer.disconnect() }
            return try body(transaction)
        }
    }

    /// Makes sure of the helper. False if secrets are to be sealed anew before anything is compared with it.
    func connect(_ transaction: some StoreTransaction) -> Bool {
        do {
            guard try writer.connect() else { return writer.resealing == nil }
            writer.resealing = try writer.key.flatMap { try Resealing(to: $0, in: transaction) }
        } catch {
            lose(error)
            return true
        }
        guard writer.resealing == nil else { return false }
        compare(transaction)
        return true
    }

    /// Gives a new connection up: what needs the helper finds out by itself, and the next connection begins anew.
    func lose(_ error: any Error) {
        writer.disconnect()
        logger.warning("the helper could not be connected and compared", metadata: ["error": .string("\(error)")])
    }

    // MARK: Resealing

    /// How a batch ended.
    private enum Step: Sendable {
        case more
        /// None was left, and the kernel was compared.
        case done(Resealing, stored: Int)
        /// Another caller has done it, or the helper is gone: the next connection goes on.
        case over
    }

    /// Seals all anew, each batch in a transaction of its own, so that an end at any moment loses nothing that was done.
    private func reseal() async throws {
        while true {
            switch try await store.write({ [self] transaction in step(transaction) }) {
            case .more: continue
            case .done(let pass, let stored): return tell(pass, stored)
            case .over: return
            }
        }
    }

    private func step(_ transaction: WriteTransaction) -> Step {
        do {
            guard var pass = writer.resealing else { return .over }
            let isMore = try transaction.attempt { try pass.next(in: $0, with: writer) }
            writer.resealing = isMore ? pass : nil
            if isMore { return .more }
            let stored = try transaction.secretCount()
            compare(transaction)
            return .done(pass, stored: stored)
        } catch {
            lose(error)
            return .over
        }
    }

    /// The one line about it, after the last batch was committed.
    private func tell(_ pass: Resealing, _ stored: Int) {
        var metadata: Logger.Metadata = [
            "secrets": .stringConvertible(stored), "sealed_anew": .stringConvertible(pass.done),
        ]
        guard pass.unopened > 0 else {
            logger.notice(
                "all secrets are under the helper's current key; the former may go: aifw-privd --retire-key",
                metadata: metadata)
            return
        }
        metadata["unopened"] = .stringConvertible(pass.unopened)
        metadata["objects"] = .array(pass.objects.map { .stringConvertible($0) })
        logger.error(
            "secrets that open under no key of the helper were left as they are; it needs the key that they are under",
            metadata: metadata)
    }
}
