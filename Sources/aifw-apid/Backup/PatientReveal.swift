import Wire

/// Opens secrets however many there are: the helper opens 10,000 at once, then 50 a second, and what it refuses for now is
/// asked for again, in smaller batches the longer others are faster.
struct PatientReveal: Sendable {
    /// Returns when it is time to ask again; throws if nobody waits for the answer any more.
    typealias Pause = @Sendable () async throws -> Void

    /// How many secrets are asked for once the helper has said that it opens no more for now: as many as come in a second.
    private static let patience = 50

    let reader: HelperReader
    let pause: Pause

    func open(_ secrets: [StoredSecret]) async throws -> [Secret] {
        var opened: [Secret] = []
        var size = Reveal.limit
        while opened.count < secrets.count {
            let batch = secrets[opened.count...].prefix(size)
            do {
                let items = batch.map { Reveal.Item(object: $0.object, purpose: $0.place.purpose, secret: $0.secret) }
                let answer = try await reader.call(Reveal(items)).secrets
                guard answer.count == items.count else {
                    throw HelperError.unavailable("it opened fewer secrets than it was asked to")
                }
                opened += answer
                size = min(size * 2, size > Self.patience ? Reveal.limit : Self.patience)
            } catch HelperError.refused(let refusal) where refusal.code == .rate {
                // Somebody else may take what comes before it is enough: one is enough at last.
                size = size > Self.patience ? Self.patience : max(size / 2, 1)
                try await pause()
            }
        }
        return opened
    }
}
