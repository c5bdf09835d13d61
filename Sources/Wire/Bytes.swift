internal import Glibc

/// Memory that is wiped before it is given back: a growing buffer for frames, bodies and keys.
///
/// A frame may carry a key, and neither a Swift `String` nor an `Array` can be wiped reliably (both copy when they grow
/// or are shared). So the bytes of a frame live in one of these from the socket to the last reader, JSON strings are
/// ranges of it, and `deinit` clears it with `explicit_bzero(3)`.
///
/// A reference type with one writer: whoever makes it fills it, and from then on it is only read.
public final class Bytes: @unchecked Sendable {
    // Sendable because it is written only by its maker, before it is shared.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int

    /// The number of bytes in it.
    public private(set) var count: Int

    /// An empty buffer with room for `capacity` bytes; it grows when more is appended.
    public init(capacity: Int = 64) {
        self.capacity = max(capacity, 16)
        memory = .allocate(byteCount: self.capacity, alignment: 16)
        count = 0
    }

    /// A copy of `bytes`.
    public convenience init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit {
        explicit_bzero(memory, capacity)
        memory.deallocate()
    }

    public var isEmpty: Bool { count == 0 }

    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "index out of range")
        return memory.load(fromByteOffset: index, as: UInt8.self)
    }

    public func append(_ byte: UInt8) {
        makeRoom(for: 1)
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    public func append(_ bytes: some Collection<UInt8>) {
        let copied: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if copied == nil {
            for byte in bytes { append(byte) }
        }
    }

    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        makeRoom(for: bytes.count)
        memory.advanced(by: count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    public func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Lets `body` fill up to `length` further bytes and counts as many as it returns.
    public func append<Failure: Error>(
        upTo length: Int, filledBy body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        makeRoom(for: length)
        let filled = try body(UnsafeMutableRawBufferPointer(start: memory.advanced(by: count), count: length))
        precondition(filled >= 0 && filled <= length, "more bytes filled than there was room for")
        count += filled
    }

    /// The bytes for as long as `body` runs.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Overwrites bytes already written, such as a length that is known only at the end.
    public func replace(at offset: Int, with bytes: some Collection<UInt8>) {
        precondition(offset >= 0 && offset + bytes.count <= count, "replacement out of range")
        for (index, byte) in bytes.enumerated() {
            memory.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
        }
    }

    /// Wipes the contents and starts again; the memory is kept.
    public func removeAll() {
        explicit_bzero(memory, count)
        count = 0
    }

    private func makeRoom(for more: Int) {
        guard count + more > capacity else { return }
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: memory, byteCount: count)
        explicit_bzero(memory, capacity)
        memory.deallocate()
        memory = moved
        capacity = larger
    }
}
