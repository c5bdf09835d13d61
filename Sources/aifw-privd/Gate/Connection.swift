import CCap
import CLinux
import Glibc
import Wire

/// One connection: its session, the frame that comes in, the frames that go out. Never blocks.
///
/// Owns the descriptor until ``close()``.
struct Connection {
    let descriptor: Int32
    let peer: Peer
    var session = Session()
    private var reader = FrameReader()
    /// Frames that the other end has not read yet, the first from `sent` on.
    private var outgoing: [Bytes] = []
    private var sent = 0
    /// When the other end must have done what it is being waited for; nil if it owes nothing.
    private(set) var deadline: Int64?
    /// It is closed as soon as everything has been sent.
    var isEnding = false

    /// - Parameter now: it has ``Frame/completionTimeout`` from then on to greet.
    init(descriptor: Int32, peer: Peer, now: Int64) {
        self.descriptor = descriptor
        self.peer = peer
        deadline = now + Int64(Frame.completionTimeout)
    }

    var hasOutgoing: Bool { !outgoing.isEmpty }

    /// What poll(2) is to wait for. Nothing is read while answers wait, so that they can't pile up.
    var events: Int16 { Int16(hasOutgoing ? POLLOUT : POLLIN) }

    /// Reads what there is, up to the end of one frame.
    mutating func read(now: Int64) throws(Refusal) -> FrameReader.Event {
        let wasMidFrame = reader.isMidFrame
        let event = try reader.read(from: descriptor)
        if session.state != .greeting {
            // A frame that trickles in byte by byte does not move the deadline.
            if !reader.isMidFrame {
                deadline = nil
            } else if !wasMidFrame {
                deadline = now + Int64(Frame.completionTimeout)
            }
        }
        return event
    }

    /// Lets go of the deadline of the greeting.
    mutating func greeted() { deadline = nil }

    mutating func queue(_ frame: Bytes) { outgoing.append(frame) }

    /// Sends as much as the other end takes now.
    ///
    /// - Returns: false if the other end is gone.
    mutating func send(now: Int64) -> Bool {
        while let frame = outgoing.first {
            let count = frame.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, AIFW_NO_SIGNAL)
            }
            if count < 0 {
                guard errno == EAGAIN || errno == EINTR else { return false }
                if deadline == nil { deadline = now + Int64(Frame.completionTimeout) }
                return true
            }
            // It reads: the time to read the rest starts anew.
            sent += count
            deadline = nil
            guard sent == frame.withUnsafeBytes(\.count) else { continue }
            outgoing.removeFirst()
            sent = 0
        }
        return true
    }

    /// Whether it was closed by the other end, found out without reading.
    var isHungUp: Bool {
        var event = pollfd(fd: descriptor, events: AIFW_POLLRDHUP, revents: 0)
        return poll(&event, 1, 0) > 0 && event.revents & (AIFW_POLLRDHUP | Int16(POLLHUP | POLLERR)) != 0
    }

    func close() { Glibc.close(descriptor) }
}
