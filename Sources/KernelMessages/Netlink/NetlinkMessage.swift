internal import CLinux
internal import CMnl
internal import Glibc

/// One netlink message while it is put together (netlink(7)): header, family header, attributes.
///
/// Its memory is wiped when it goes, because a message to WireGuard carries keys. Whoever adds attributes keeps within the
/// capacity: only a message of a growing list needs to ask for ``room``.
package final class NetlinkMessage {
    /// Enough for every message that carries no list.
    package static let smallCapacity = 2048

    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private let header: UnsafeMutablePointer<nlmsghdr>

    /// A message without a family header, as a dump of XFRM wants it: attributes begin right behind the header.
    ///
    /// - Parameters:
    ///   - type: what the message asks, such as `RTM_NEWLINK`, or the id of a generic family.
    ///   - flags: `NLM_F_…` besides `NLM_F_REQUEST`.
    init(type: UInt16, flags: Int32 = 0, capacity: Int = NetlinkMessage.smallCapacity) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
        // libmnl leaves what stands between attributes as it was.
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
        header = mnl_nlmsg_put_header(memory)
        header.pointee.nlmsg_type = type
        header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
    }

    /// - Parameter familyHeader: the fixed structure behind the header, such as `ifinfomsg`.
    convenience init<Header: BitwiseCopyable>(
        type: UInt16, flags: Int32 = 0, familyHeader: Header, capacity: Int = NetlinkMessage.smallCapacity
    ) {
        self.init(type: type, flags: flags, capacity: capacity)
        // The family header is allocated with its padding and zeroed by libmnl.
        mnl_nlmsg_put_extra_header(header, MemoryLayout<Header>.size).storeBytes(of: familyHeader, as: Header.self)
    }

    /// A message whose family header is written in place, so that its padding stays zero: XFRM compares selectors by all
    /// of their bytes.
    convenience init<Header>(type: UInt16, flags: Int32 = 0, _ fill: (inout Header) -> Void) {
        self.init(type: type, flags: flags)
        let place = mnl_nlmsg_put_extra_header(header, MemoryLayout<Header>.size)!
        fill(&place.bindMemory(to: Header.self, capacity: 1).pointee)
    }

    deinit {
        explicit_bzero(memory, capacity)
        memory.deallocate()
    }

    /// Numbers the message, so that its answer can be told from others (``NetlinkAnswer``), and adds `NLM_F_…` flags.
    package func stamp(sequence: UInt32, flags: Int32) {
        header.pointee.nlmsg_seq = sequence
        header.pointee.nlmsg_flags |= UInt16(flags)
    }

    /// The whole message as it will be sent.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory, count: Int(header.pointee.nlmsg_len))
    }

    /// How many bytes may still be added.
    var room: Int { capacity - Int(header.pointee.nlmsg_len) }

    /// The bytes that an attribute with `length` bytes of payload takes: header and padding included.
    static func size(ofPayload length: Int) -> Int { (4 + length + 3) & ~3 }

    func put(_ type: Int, _ payload: UnsafeRawBufferPointer) {
        let fits = mnl_attr_put_check(header, capacity, UInt16(type), payload.count, payload.baseAddress)
        precondition(fits, "a netlink message grew beyond its capacity")
    }

    func put(_ type: Int, _ payload: [UInt8]) { payload.withUnsafeBytes { put(type, $0) } }

    func put(_ type: Int, _ value: some FixedWidthInteger & BitwiseCopyable) {
        withUnsafeBytes(of: value) { put(type, $0) }
    }

    /// A payload of `length` bytes that are zero until `fill` writes them in place: a key is copied nowhere else.
    func put(_ type: Int, length: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        precondition(Self.size(ofPayload: length) <= room, "a netlink message grew beyond its capacity")
        let head = MemoryLayout<nlattr>.size
        let place = mnl_nlmsg_put_extra_header(header, head + length)!
        place.storeBytes(of: nlattr(nla_len: UInt16(head + length), nla_type: UInt16(type)), as: nlattr.self)
        fill(UnsafeMutableRawBufferPointer(start: place + head, count: length))
    }

    /// A text with the NUL that the kernel expects behind it.
    func put(_ type: Int, text: String) { put(type, Array(text.utf8) + [0]) }

    /// An attribute whose payload is the attributes that `body` adds.
    func nest(_ type: Int, _ body: () -> Void) {
        let nest = beginNest(type)
        body()
        endNest(nest)
    }

    /// Begins an attribute whose payload is the attributes that follow, up to ``endNest(_:)``.
    func beginNest(_ type: Int) -> UnsafeMutablePointer<nlattr> {
        guard let nest = mnl_attr_nest_start_check(header, capacity, UInt16(type)) else {
            preconditionFailure("a netlink message grew beyond its capacity")
        }
        return nest
    }

    func endNest(_ nest: UnsafeMutablePointer<nlattr>) { mnl_attr_nest_end(header, nest) }
}
