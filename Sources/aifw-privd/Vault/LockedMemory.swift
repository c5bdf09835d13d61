import CSodium
import Daemon
import Glibc

/// A few bytes for a key of the vault: locked in memory, between guard pages, left out of cores, wiped at the end
/// (sodium_malloc(3) of libsodium).
final class LockedMemory {
    private let memory: UnsafeMutableRawPointer
    let count: Int

    /// Memory that `fill` fills; it can only be read from then on.
    init(
        count: Int, fill: (UnsafeMutableRawBufferPointer) throws(StartupError) -> Void
    ) throws(StartupError) {
        guard sodium_init() >= 0, let memory = sodium_malloc(count) else {
            throw StartupError("there is no memory for a key")
        }
        self.memory = memory
        self.count = count
        try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
        sodium_mprotect_readonly(memory)
    }

    deinit { sodium_free(memory) }

    static func != (left: LockedMemory, right: LockedMemory) -> Bool {
        left.count != right.count || sodium_memcmp(left.memory, right.memory, left.count) != 0
    }

    /// The bytes for as long as `body` runs.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Whether it is really kept from being swapped out: sodium_malloc(3) goes on without if RLIMIT_MEMLOCK is too low.
    func isLocked() -> Bool { sodium_mlock(memory, count) == 0 }
}

extension UnsafeRawBufferPointer {
    /// The bytes as libsodium takes them.
    var octets: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    /// The bytes as libsodium fills them.
    var octets: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
