internal import CLinux
internal import CMnl
internal import Glibc

/// The answer to one question as its datagrams come in: tells entries, the end and errors apart.
package struct NetlinkAnswer {
    package enum Progress: Equatable {
        /// The answer goes on in the next datagram.
        case more
        /// All of it was read; `consistent` is false if the list changed while it was.
        case done(consistent: Bool)
        /// The kernel refused, with the words of its extended acknowledgement if it gave any.
        case failed(errno: Int32, words: String?)
    }

    private let sequence: UInt32
    private var interrupted = false

    /// - Parameter sequence: the number of the question (``NetlinkMessage/stamp(sequence:flags:)``).
    package init(sequence: UInt32) { self.sequence = sequence }

    /// Reads the messages of a datagram; those that answer an earlier question are passed over.
    package mutating func take(_ datagram: UnsafeRawBufferPointer, _ body: (NetlinkReply) -> Void) -> Progress {
        var rest = Int32(clamping: datagram.count)
        guard let base = datagram.baseAddress else { return .more }
        var header = base.assumingMemoryBound(to: nlmsghdr.self)
        // libmnl before 1.0.5 takes a length beyond 2^31 for a negative one, and lets it pass.
        while mnl_nlmsg_ok(header, rest), header.pointee.nlmsg_len <= UInt32(rest) {
            if header.pointee.nlmsg_seq == sequence {
                if header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { interrupted = true }
                let payload = UnsafeRawBufferPointer(
                    start: mnl_nlmsg_get_payload(header), count: mnl_nlmsg_get_payload_len(header))
                switch Int32(header.pointee.nlmsg_type) {
                case NLMSG_NOOP: break
                case NLMSG_OVERRUN: return .failed(errno: EPROTO, words: "data was lost")
                case NLMSG_ERROR, NLMSG_DONE: return end(header.pointee, payload)
                default: body(NetlinkReply(type: Int(header.pointee.nlmsg_type), payload: payload))
                }
            }
            header = UnsafePointer(mnl_nlmsg_next(header, &rest))
        }
        return .more
    }

    /// `NLMSG_ERROR` and `NLMSG_DONE` begin with a negative error number, or 0.
    private func end(_ header: nlmsghdr, _ payload: UnsafeRawBufferPointer) -> Progress {
        let code = payload.count >= 4 ? payload.loadUnaligned(as: Int32.self) : 0
        guard code != 0 else { return .done(consistent: !interrupted) }
        return .failed(errno: code == .min ? EPROTO : abs(code), words: words(header, payload))
    }

    /// `NLMSGERR_ATTR_MSG`, which follows the message that was refused, or its header alone if that was capped.
    private func words(_ header: nlmsghdr, _ payload: UnsafeRawBufferPointer) -> String? {
        guard header.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return nil }
        var offset = 4
        if header.nlmsg_type == NLMSG_ERROR {
            guard payload.count >= 4 + MemoryLayout<nlmsghdr>.size else { return nil }
            let refused = payload.loadUnaligned(fromByteOffset: 4, as: nlmsghdr.self)
            let capped = header.nlmsg_flags & UInt16(NLM_F_CAPPED) != 0
            offset += capped ? MemoryLayout<nlmsghdr>.size : (Int(clamping: refused.nlmsg_len) + 3) & ~3
        }
        guard offset < payload.count else { return nil }
        let attributes = NetlinkAttributes(UnsafeRawBufferPointer(rebasing: payload[offset...]))
        return attributes.first { $0.type == Int(NLMSGERR_ATTR_MSG.rawValue) }?.text
    }
}
