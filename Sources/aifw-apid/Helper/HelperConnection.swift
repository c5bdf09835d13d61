import Glibc
import Wire

/// One connection to the helper's socket: blocking, one request at a time, greeted before anything else.
///
/// It belongs to one queue or thread and is not shared. After an error of the connection itself it is closed and of no more
/// use; after a refusal that leaves the connection open it goes on. Closed when the last reference goes.
final class HelperConnection {
    /// How long an answer may take, in seconds: more than the helper takes to start wireguard-go or to remove an interface.
    private static let timeout = 15
    /// How long the answer to the greeting may take, in seconds: a helper that lives answers at once, or after the one
    /// request that it is busy with.
    private static let greetingTimeout = 2

    private var descriptor: Int32
    private let meter: HelperMeter
    /// What the helper said of itself; nil only until it has.
    private(set) var greeting: Greet.Answer?

    /// Connects and greets.
    init(path: String, channel: Greet.Channel, meter: HelperMeter) throws(HelperError) {
        let connected = try Self.connect(to: path)
        descriptor = connected
        self.meter = meter
        wait(atMost: Self.greetingTimeout)
        greeting = try call(Greet(channel: channel))
        wait(atMost: Self.timeout)
    }

    deinit { close() }

    /// Whether the helper still holds its end, as far as can be told without asking it.
    var isOpen: Bool {
        guard descriptor >= 0 else { return false }
        var probe = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Nothing is due between two calls: bytes or an end are equally a reason to start anew.
        return poll(&probe, 1, 0) == 0
    }

    /// Asks and waits for the answer.
    func call<Asked: Verb>(_ verb: Asked) throws(HelperError) -> Asked.Answer {
        var last: Asked.Answer?
        try call(verb) { answer in
            last = answer
            return false
        }
        guard let last else { throw HelperError.unavailable("it gave no answer") }
        return last
    }

    /// Asks and gives every frame of the answer to `each`, which says whether another is due.
    func call<Asked: Verb>(
        _ verb: Asked, each: (Asked.Answer) throws(HelperError) -> Bool
    ) throws(HelperError) {
        try meter.time(Asked.kind) { () throws(HelperError) in try exchange(verb, each: each) }
    }

    func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    private func exchange<Asked: Verb>(
        _ verb: Asked, each: (Asked.Answer) throws(HelperError) -> Bool
    ) throws(HelperError) {
        do {
            try send(try verb.request.frame())
            repeat {
                switch try Reply<Asked>(frame: try receive()) {
                case .answer(let answer):
                    guard try each(answer) else { return }
                case .refused(let refusal):
                    if refusal.closesConnection { close() }
                    throw HelperError.refused(refusal)
                }
            } while true
        } catch let error as HelperError {
            if case .unavailable = error { close() }
            throw error
        } catch let refusal as Refusal {
            // Ours: what it sent is not what the protocol has it send.
            close()
            throw HelperError.unavailable("its answer was not understood: \(refusal)")
        } catch {
            close()
            throw HelperError.unavailable("\(error)")
        }
    }

    // MARK: Bytes

    private static func connect(to path: String) throws(HelperError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else {
            _ = Glibc.close(descriptor)
            throw HelperError.unavailable("the path of its socket is longer than \(room - 1) bytes: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let error = failure(path)
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private func wait(atMost seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private func send(_ frame: Bytes) throws(HelperError) {
        guard descriptor >= 0 else { throw HelperError.unavailable("the connection is closed") }
        try frame.withUnsafeBytes { (bytes) throws(HelperError) in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count > 0 {
                    sent += count
                } else if errno != EINTR {
                    throw Self.failure("sending")
                }
            }
        }
    }

    private func receive() throws(HelperError) -> Bytes {
        let header = try receive(Frame.headerLength)
        let length: Int
        do {
            length = try header.withUnsafeBytes { (bytes) throws(Refusal) in try Frame.length(of: bytes) }
        } catch {
            throw HelperError.unavailable("its answer was not understood: \(error)")
        }
        return try receive(length)
    }

    private func receive(_ length: Int) throws(HelperError) -> Bytes {
        let bytes = Bytes(capacity: length)
        while bytes.count < length {
            try bytes.append(upTo: length - bytes.count) { (room) throws(HelperError) -> Int in
                let count = recv(descriptor, room.baseAddress, room.count, 0)
                if count > 0 { return count }
                if count < 0, errno == EINTR { return 0 }
                throw count == 0 ? HelperError.unavailable("it closed the connection") : Self.failure("receiving")
            }
        }
        return bytes
    }

    private static func failure(_ what: String) -> HelperError {
        let number = errno
        let timedOut = number == EAGAIN || number == EWOULDBLOCK
        return .unavailable(
            "\(what): \(timedOut ? "no answer in time" : String(cString: strerror(number)))")
    }
}
