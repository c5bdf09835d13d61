internal import Wire

/// One attribute as it was received: its type without the flags for nesting and byte order, and its bytes.
struct NetlinkAttribute {
    let type: Int
    let payload: UnsafeRawBufferPointer

    /// The payload as a number in host byte order; nil if it is shorter.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(as type: Value.Type = Value.self) -> Value? {
        payload.count >= MemoryLayout<Value>.size ? payload.loadUnaligned(as: Value.self) : nil
    }

    /// The payload up to its NUL as text.
    var text: String { String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self) }

    /// The payload as an address of 4 or 16 bytes.
    var address: IPAddress? { IPAddress(bytes: payload) }

    var nested: NetlinkAttributes { NetlinkAttributes(payload) }
}
