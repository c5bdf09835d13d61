import Synchronization

/// How many bytes of bodies may be in memory at once, over the network or over the Unix socket: each has its own.
///
/// Bodies of ordinary length (1 MiB) and long ones are counted apart, so that a bulk creation under way keeps nobody
/// else waiting, and there is always room for one of the largest, and for as much more as shows that it is too long. Small
/// ones are not counted here: there is one for each connection or stream at most, and those are counted (``Connections``).
/// So a log-in and most writes are read whatever others have announced.
final class BodyMemory: Sendable {
    /// The length up to which a body is a small one.
    static let small = 16 << 10
    /// The length up to which a body is an ordinary one.
    static let ordinary = 1 << 20
    static let limits = Limits(ordinary: 32 << 20, long: 65 << 20)

    struct Limits: Sendable {
        var ordinary: Int
        var long: Int
    }

    private let limits: Limits
    private let used = Mutex(Limits(ordinary: 0, long: 0))

    init(limits: Limits) { self.limits = limits }

    /// What one body has of it. Given back by ``BodyMemory/release(_:)``.
    struct Share: Sendable {
        fileprivate(set) var size = 0
    }

    /// Makes a share as large as `size`, if there is room; else leaves it as it is and returns false.
    func grow(_ share: inout Share, to size: Int) -> Bool {
        guard size > share.size else { return true }
        let old = share.size
        let fits = used.withLock { used in
            var next = used
            next.add(-old)
            next.add(size)
            guard next.ordinary <= limits.ordinary, next.long <= limits.long else { return false }
            used = next
            return true
        }
        if fits { share.size = size }
        return fits
    }

    /// Gives a share back.
    func release(_ share: inout Share) {
        let size = share.size
        guard size > 0 else { return }
        used.withLock { $0.add(-size) }
        share.size = 0
    }
}

extension BodyMemory.Limits {
    /// Counts a body of `size` bytes, or (less than 0) one that is gone.
    fileprivate mutating func add(_ size: Int) {
        switch abs(size) {
        case ...BodyMemory.small: break
        case ...BodyMemory.ordinary: ordinary += size
        default: long += size
        }
    }
}
