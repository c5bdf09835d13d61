internal import CLinux
internal import CMnl
internal import Glibc
internal import Wire

/// The attributes in a netlink message or in a nested attribute, in their order; ends at the first that is cut off.
///
/// Valid only as long as the memory it was made from.
struct NetlinkAttributes: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    mutating func next() -> NetlinkAttribute? {
        guard let base = rest.baseAddress, rest.count >= MemoryLayout<nlattr>.size else { return nil }
        let attribute = base.assumingMemoryBound(to: nlattr.self)
        guard mnl_attr_ok(attribute, Int32(clamping: rest.count)) else { return nil }
        let payload = UnsafeRawBufferPointer(
            start: mnl_attr_get_payload(attribute), count: Int(mnl_attr_get_payload_len(attribute)))
        let taken = (Int(mnl_attr_get_len(attribute)) + 3) & ~3
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
        return NetlinkAttribute(type: Int(mnl_attr_get_type(attribute)), payload: payload)
    }
}

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

/// A message of the kernel's answer: the fixed structure behind its header, and its attributes.
///
/// Valid only while the closure runs that it is given to.
struct NetlinkReply {
    let type: Int
    /// All behind the message's header.
    let payload: UnsafeRawBufferPointer

    /// The family's fixed structure; nil if the message is too short for it.
    func familyHeader<Header: BitwiseCopyable>(as header: Header.Type) -> Header? {
        payload.count >= MemoryLayout<Header>.size ? payload.loadUnaligned(as: Header.self) : nil
    }

    /// The attributes behind a fixed structure of the given type.
    func attributes<Header: BitwiseCopyable>(after header: Header.Type) -> NetlinkAttributes {
        let offset = (MemoryLayout<Header>.size + 3) & ~3
        return NetlinkAttributes(UnsafeRawBufferPointer(rebasing: payload.dropFirst(offset)))
    }
}
