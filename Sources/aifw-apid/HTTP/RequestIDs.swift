import Synchronization

/// Makes the ids of requests: 16 hex digits, unique while the process runs and most likely beyond.
final class RequestIDs: Sendable {
    private let last: Atomic<UInt64>

    init() { last = Atomic(UInt64.random(in: 0...UInt64.max)) }

    func next() -> String {
        let id = last.wrappingAdd(1, ordering: .relaxed).newValue
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
