/// Where in the log a stream begins.
enum ResumePoint: Sendable, Equatable {
    /// With the change after this revision.
    case after(Int64)
    /// With the next change, this revision being the last one: the caller is told that he may have missed some.
    case reset(last: Int64)

    /// How many changes a caller may have missed to be sent them all.
    static let limit: Int64 = 10_000

    /// - Parameters:
    ///   - lastEventID: what the caller says he has come to; nil for from now on.
    ///   - oldest: the first revision in the log; nil if it is empty.
    ///   - last: the last one; 0 if it is empty.
    init(lastEventID: String?, oldest: Int64?, last: Int64) {
        guard let lastEventID else {
            self = .after(last)
            return
        }
        let first = max((oldest ?? 1) - 1, last - Self.limit)
        guard let revision = Self.number(lastEventID), revision >= first, revision <= last else {
            self = .reset(last: last)
            return
        }
        self = .after(revision)
    }

    /// The number that decimal digits are; nil for all else.
    private static func number(_ text: String) -> Int64? {
        guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
