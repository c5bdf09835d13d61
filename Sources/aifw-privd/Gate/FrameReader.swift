import Glibc
import Wire

/// Puts frames together from a non-blocking socket, and never reads beyond the end of one.
struct FrameReader {
    enum Event {
        /// A whole frame's body.
        case frame(Bytes)
        /// Nothing more for now.
        case wait
        /// The other end has closed; `midFrame` if in the middle of a frame.
        case end(midFrame: Bool)
    }

    private var header: [UInt8] = []
    private var body: Bytes?
    private var length = 0

    /// Whether a frame has begun and is not complete.
    var isMidFrame: Bool { !header.isEmpty }

    /// Reads what there is, up to the end of one frame.
    ///
    /// - Throws: if a length is announced that no frame has; nothing that follows can be made sense of.
    mutating func read(from socket: Int32) throws(Refusal) -> Event {
        while header.count < Frame.headerLength {
            var room = [UInt8](repeating: 0, count: Frame.headerLength - header.count)
            let count = room.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return stopped(count) }
            header += room[..<count]
        }
        if body == nil {
            length = try Bytes(header).withUnsafeBytes { (bytes) throws(Refusal) in try Frame.length(of: bytes) }
            body = Bytes(capacity: length)
        }
        guard let body else { return .wait }
        while body.count < length {
            var count = 0
            body.append(upTo: length - body.count) { room in
                count = recv(socket, room.baseAddress, room.count, 0)
                return max(count, 0)
            }
            guard count > 0 else { return stopped(count) }
        }
        self = FrameReader()
        return .frame(body)
    }

    private func stopped(_ count: Int) -> Event {
        count < 0 && (errno == EAGAIN || errno == EINTR) ? .wait : .end(midFrame: isMidFrame)
    }
}
