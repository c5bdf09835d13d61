import CLinux
import Glibc

/// Texts of a length that was told before, in as many packets as they take.
extension Packets {
    /// The longest text, in bytes.
    package static let textLimit = 4 << 20
    /// Of one packet; far below what a socket holds (net.core.wmem_default).
    private static let pieceSize = 32 << 10

    /// - Returns: false if the other end is gone or has not taken all of it within so many milliseconds.
    package func send(text: [UInt8], within milliseconds: Int64) -> Bool {
        let end = Clock.now + milliseconds
        var sent = 0
        while sent < text.count {
            let piece = text[sent..<min(sent + Self.pieceSize, text.count)]
            let count = piece.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, AIFW_NO_SIGNAL) }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard waits(for: POLLOUT, until: end) else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// - Returns: nil if the other end is gone, has not sent all of it within so many milliseconds, or sends more than that.
    package func receive(text length: Int, within milliseconds: Int64) -> [UInt8]? {
        let end = Clock.now + milliseconds
        var text: [UInt8] = []
        text.reserveCapacity(length)
        var room = [UInt8](repeating: 0, count: Self.pieceSize)
        while text.count < length {
            guard waits(for: POLLIN, until: end) else { return nil }
            let count = recv(descriptor, &room, room.count, 0)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0, text.count + count <= length else { return nil }
            text += room[..<count]
        }
        return text
    }
}
