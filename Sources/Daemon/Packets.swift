import CLinux
import Glibc

/// One end of a connection to the launcher: whole packets.
package struct Packets {
    package let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// - Returns: false if the other end is gone.
    package func send(_ bytes: [UInt8]) -> Bool {
        while true {
            let sent = Glibc.send(descriptor, bytes, bytes.count, AIFW_NO_SIGNAL)
            if sent >= 0 { return sent == bytes.count }
            guard errno == EINTR else { return false }
        }
    }

    /// The next packet, or nil if the other end is gone. A longer packet than any of ours shows by its length.
    package func receive() -> ArraySlice<UInt8>? {
        var room = [UInt8](repeating: 0, count: 16)
        while true {
            let received = recv(descriptor, &room, room.count, 0)
            if received > 0 { return room[..<received] }
            guard received < 0, errno == EINTR else { return nil }
        }
    }

    /// Waits until a packet can be read.
    ///
    /// - Returns: false if none came within `milliseconds`.
    package func waits(atMost milliseconds: Int64) -> Bool {
        waits(for: POLLIN, until: Clock.now + milliseconds)
    }

    /// - Parameter end: by ``Clock``.
    func waits(for events: Int32, until end: Int64) -> Bool {
        var event = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let ready = poll(&event, 1, Int32(clamping: max(0, end - Clock.now)))
            if ready > 0 { return true }
            guard ready < 0, errno == EINTR else { return false }
        }
    }
}
