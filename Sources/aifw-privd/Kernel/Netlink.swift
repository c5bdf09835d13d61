internal import CLinux
internal import CMnl
internal import Glibc
internal import KernelMessages
internal import Wire

/// A netlink socket that asks the kernel one thing at a time and waits for its answer (netlink(7), libmnl).
///
/// Answers are taken from the kernel only, and only with the sequence number of the question. What a reply held is wiped
/// from the receive buffer after each question, because the replies of WireGuard and XFRM carry keys.
final class Netlink {
    /// Larger than any datagram the kernel makes of a dump (32 KiB, netlink_dump in net/netlink/af_netlink.c).
    private static let bufferSize = 64 << 10
    /// How long an answer may take. The kernel answers within the send call but where it loads a module first.
    private static let timeout = timeval(tv_sec: 10, tv_usec: 0)
    /// How often an interrupted dump is read anew. Each is interrupted only if the host's network changed meanwhile.
    private static let dumpAttempts = 20

    private let socket: OpaquePointer
    private let buffer: UnsafeMutableRawPointer
    private var sequence: UInt32 = 0
    /// The messages sent so far: what an edit costs is counted by it in tests.
    private(set) var messagesSent = 0

    /// - Parameter bus: `NETLINK_ROUTE`, `NETLINK_GENERIC` or `NETLINK_XFRM`.
    init(bus: Int32) throws(Refusal) {
        guard let socket = mnl_socket_open2(bus, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw Refusal(kernel: errno, "open a netlink socket")
        }
        self.socket = socket
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
        guard mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 else {
            throw Refusal(kernel: errno, "bind a netlink socket")
        }
        var timeout = Self.timeout
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &timeout, size) == 0 else {
            throw Refusal(kernel: errno, "set a netlink socket's timeout")
        }
        // Words with an error number, and filters in dumps: both since Linux 4.20, and good to have but not needed.
        var on: Int32 = 1
        for option in [NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK] {
            _ = mnl_socket_setsockopt(socket, option, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    deinit {
        mnl_socket_close(socket)
        explicit_bzero(buffer, Self.bufferSize)
        buffer.deallocate()
    }

    /// Sends `message` and waits until the kernel has done it.
    ///
    /// - Parameters:
    ///   - numbers: the error numbers (errno(3)) that mean that all is as wanted already.
    ///   - doing: what the message does, for the refusal: "cannot <doing>: …".
    func perform(
        _ message: NetlinkMessage, unless numbers: Int32..., doing: @autoclosure () -> String
    ) throws(Refusal) {
        do {
            _ = try ask(message, NLM_F_ACK, doing: doing()) { _ in }
        } catch let error where error.errno.map(numbers.contains) == true {
            return
        }
    }

    /// Asks for one thing; nil if the kernel answers with the error number `absent`, or not with what was asked for.
    func find<Entry>(
        _ message: NetlinkMessage, absent: Int32, doing: @autoclosure () -> String, _ entry: (NetlinkReply) -> Entry?
    ) throws(Refusal) -> Entry? {
        var found: Entry?
        do {
            _ = try ask(message, NLM_F_ACK, doing: doing()) { found = entry($0) ?? found }
        } catch let error where error.errno == absent {
            return nil
        }
        return found
    }

    /// Reads a whole list. If the kernel says that it changed meanwhile (`NLM_F_DUMP_INTR`), it is read again.
    ///
    /// - Parameter entry: what a message of the answer stands for; nil if it is passed over.
    func list<Entry>(
        _ message: NetlinkMessage, doing: @autoclosure () -> String, _ entry: (NetlinkReply) -> Entry?
    ) throws(Refusal) -> [Entry] {
        for _ in 0..<Self.dumpAttempts {
            var entries: [Entry] = []
            let consistent = try ask(message, NLM_F_DUMP, doing: doing()) { reply in
                if let entry = entry(reply) { entries.append(entry) }
            }
            if consistent { return entries }
        }
        throw Refusal(kernel: EINTR, doing(), detail: "it changed during each of \(Self.dumpAttempts) readings")
    }

    /// Sends a question and reads to the end of its answer; gives back whether that is consistent.
    private func ask(
        _ message: NetlinkMessage, _ flags: Int32, doing: @autoclosure () -> String, _ body: (NetlinkReply) -> Void
    ) throws(Refusal) -> Bool {
        sequence &+= 1
        message.stamp(sequence: sequence, flags: flags)
        messagesSent += 1
        let bytes = message.bytes
        guard mnl_socket_sendto(socket, bytes.baseAddress, bytes.count) == bytes.count else {
            throw Refusal(kernel: errno, doing())
        }
        var used = 0
        defer { explicit_bzero(buffer, used) }
        var answer = NetlinkAnswer(sequence: sequence)
        while true {
            guard let length = try receiveDatagram(doing: doing()) else { continue }
            used = max(used, length)
            switch answer.take(UnsafeRawBufferPointer(start: buffer, count: length), body) {
            case .more: continue
            case .done(let consistent): return consistent
            case .failed(let number, let words): throw Refusal(kernel: number, doing(), detail: words)
            }
        }
    }

    /// One datagram of the kernel into the buffer; nil if it came from somebody else.
    private func receiveDatagram(doing: @autoclosure () -> String) throws(Refusal) -> Int? {
        var sender = sockaddr_nl()
        var senderLength = socklen_t(MemoryLayout<sockaddr_nl>.size)
        var length: Int
        repeat {
            length = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    recvfrom(
                        mnl_socket_get_fd(socket), buffer, Self.bufferSize, Int32(MSG_TRUNC), address,
                        &senderLength)
                }
            }
        } while length < 0 && errno == EINTR
        guard length >= 0 else {
            throw Refusal(kernel: errno == EAGAIN ? ETIMEDOUT : errno, doing())
        }
        guard length <= Self.bufferSize else { throw Refusal(kernel: EMSGSIZE, doing()) }
        return sender.nl_pid == 0 ? length : nil
    }
}
