internal import CLinux
internal import Daemon
internal import Glibc
internal import KernelMessages
internal import Wire

/// A connection to the control socket of a wireguard-go, `wgN.sock` in its folder.
///
/// One operation a connection: a `set=1` and its error number, or a `get=1` whose lines are read as they come in.
final class UserspaceSocket {
    /// How many seconds wireguard-go may be silent: the helper serves nobody else meanwhile. It answers within
    /// milliseconds; before it lists ten thousand peers it needs 0.1 s, for the 65,536 that it can have 1.3 s.
    static let patience = 3
    /// How many seconds all of an operation may take: who sends a byte now and then is never silent. With the patience for
    /// the last byte it is less than aifw-apid waits for an answer.
    static let total = 10

    private let descriptor: Int32
    private let interface: TunnelInterface
    private let patience: Int
    private let total: Int
    /// When the operation is given up, by ``Clock``.
    private let end: Int64
    /// The process that serves the socket, as the kernel knows it (SO_PEERCRED of unix(7)).
    let server: Server

    struct Server: Equatable {
        /// 0 if it is in another process namespace.
        let process: Int32
        let user: UInt32
    }

    /// Connects; nil if nobody serves the socket, so that the file, if there is one, is stale.
    ///
    /// - Parameters:
    ///   - patience: how many seconds the other end may be silent, each time.
    ///   - total: how many it may take in all, from now on.
    init?(
        _ interface: TunnelInterface, path: String, patience: Int = UserspaceSocket.patience,
        total: Int = UserspaceSocket.total
    ) throws(Refusal) {
        end = Clock.now + Int64(total) * 1000
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Refusal(kernel: errno, "open a Unix socket") }
        let size = socklen_t(MemoryLayout<timeval>.size)
        var timeout = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(descriptor, SOL_SOCKET, option, &timeout, size) }
        guard UnixSocket.withAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
            let number = errno
            close(descriptor)
            guard number == ENOENT || number == ECONNREFUSED else {
                throw Self.refusal(number, "connect to the wireguard-go of \(interface)", patience)
            }
            return nil
        }
        var (user, process) = (uid_t.max, pid_t(0))
        _ = aifw_peer(descriptor, &user, &process)
        server = Server(process: process, user: user)
        self.descriptor = descriptor
        self.interface = interface
        self.patience = patience
        self.total = total
    }

    deinit { close(descriptor) }

    /// Sends a whole `set=1` and waits for its error number.
    func set(_ configuration: UserspaceConfiguration, doing: @autoclosure () -> String) throws(Refusal) {
        try send(configuration.bytes, doing: doing())
        try receive(doing: doing()) { (_) throws(Refusal) -> Bool in throw UserspaceAnswer.malformed }
    }

    /// Sends `get=1` and gives each line of the answer but its error number to `line`, until that says false: then the rest
    /// is left unread, and the connection is good for nothing more.
    func get(
        doing: @autoclosure () -> String, _ line: (UnsafeRawBufferPointer) throws(Refusal) -> Bool
    ) throws(Refusal) {
        try send(Bytes("get=1\n\n".utf8), doing: doing())
        try receive(doing: doing(), line)
    }

    /// Whether the other end is still there.
    var isOpen: Bool { !waitUntilClosed(milliseconds: 0) }

    /// Waits until the other end is gone; gives back whether it is.
    func waitUntilClosed(milliseconds: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var ready: Int32
        repeat { ready = poll(&state, 1, milliseconds) } while ready < 0 && errno == EINTR
        return ready > 0
    }

    /// EAGAIN is what a socket's timeout ends with (socket(7)); it says nothing to whoever reads it.
    private static func refusal(_ number: Int32, _ doing: String, _ seconds: Int) -> Refusal {
        guard number == EAGAIN else { return Refusal(kernel: number, doing) }
        return Refusal(
            kernel: ETIMEDOUT, doing,
            detail: "its wireguard-go has not answered for \(seconds) s: it is stopped or overloaded")
    }

    private func checkTime(_ doing: @autoclosure () -> String) throws(Refusal) {
        guard Clock.now < end else { throw Self.refusal(EAGAIN, doing(), total) }
    }

    private func send(_ bytes: Bytes, doing: @autoclosure () -> String) throws(Refusal) {
        try bytes.withUnsafeBytes { (bytes) throws(Refusal) in
            var sent = 0
            while sent < bytes.count {
                try checkTime(doing())
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count > 0 {
                    sent += count
                } else if errno == EPIPE || errno == ECONNRESET {
                    return  // it did not like a line; what it says about it can still be read
                } else if errno != EINTR {
                    throw Self.refusal(errno, doing(), patience)
                }
            }
        }
    }

    /// Reads an answer to its end, or until `line` says false.
    private func receive(
        doing: @autoclosure () -> String, _ line: (UnsafeRawBufferPointer) throws(Refusal) -> Bool
    ) throws(Refusal) {
        let answer = UserspaceAnswer()
        while true {
            try checkTime(doing())
            let count = recv(descriptor, answer.room.baseAddress, answer.room.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.refusal(errno, doing(), patience) }
            guard count > 0 else { throw Refusal(kernel: ECONNRESET, doing(), detail: "wireguard-go hung up") }
            switch try answer.take(count, line) {
            case .more: continue
            case .done: return
            case .failed(let number): throw Refusal(kernel: number, doing())
            }
        }
    }
}
