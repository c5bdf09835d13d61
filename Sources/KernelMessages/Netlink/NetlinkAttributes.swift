internal import CLinux
internal import CMnl
internal import Glibc

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
