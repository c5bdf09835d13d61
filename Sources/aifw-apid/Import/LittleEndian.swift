/// Numbers out of bytes, the least significant byte first, as zip has them; nil beyond the end.
struct LittleEndian {
    let bytes: UnsafeRawBufferPointer

    func two(at offset: Int) -> UInt16? { number(at: offset) }

    func four(at offset: Int) -> UInt32? { number(at: offset) }

    /// Whether `text` stands there.
    func has(_ text: StaticString, at offset: Int) -> Bool {
        guard let found = slice(offset, text.utf8CodeUnitCount) else { return false }
        return found.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    private func number<Number: FixedWidthInteger>(at offset: Int) -> Number? {
        slice(offset, MemoryLayout<Number>.size).map { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }
}
