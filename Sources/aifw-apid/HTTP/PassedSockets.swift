import Glibc
import Wire

/// The listening sockets that the service manager passed to this process, told apart by name (sd_listen_fds(3)).
struct PassedSockets: Equatable {
    /// What a socket is for: its FileDescriptorName= (systemd.socket(5)).
    enum Name: String, CaseIterable {
        /// The Unix socket of local callers, in place of the one at `--api-socket`.
        case api
        /// TLS on TCP.
        case https
    }

    /// Of the name `api`; nil if there is none.
    private(set) var api: CInt?
    /// Of the name `https`, in the order they were passed.
    private(set) var https: [CInt] = []

    /// What a process has that the service manager passed nothing.
    static let none = PassedSockets()

    /// The first descriptor of those that are passed (SD_LISTEN_FDS_START).
    static let first: CInt = 3

    /// Takes what was passed, once: the variables that tell of it are removed, so that nothing else takes it again.
    ///
    /// Each socket is close-on-exec from then on. Nothing was passed to a process that the service manager did not start.
    ///
    /// - Throws: what was passed that this daemon can't use, and what the unit should say.
    static func take() throws(ListenerError) -> PassedSockets {
        let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        let values = names.map { getenv($0).map { String(cString: $0) } }
        for name in names { unsetenv(name) }
        let passed = try PassedSockets(process: values[0], count: values[1], names: values[2], own: getpid())
        if let api = passed.api { try prepare(api, .api, families: [AF_UNIX]) }
        for socket in passed.https { try prepare(socket, .https, families: [AF_INET, AF_INET6]) }
        return passed
    }

    /// Reads the three variables; touches no descriptor.
    ///
    /// - Parameters:
    ///   - process: LISTEN_PID, whom the sockets are for; they are ignored by anybody else.
    ///   - count: LISTEN_FDS.
    ///   - names: LISTEN_FDNAMES, separated by colons; as many as there are sockets.
    ///   - own: the id of this process.
    init(process: String?, count: String?, names: String?, own: pid_t) throws(ListenerError) {
        guard let process, let count else { return }
        guard let process = pid_t(process) else { throw ListenerError("LISTEN_PID: \(process.quoted) is no process") }
        guard process == own else { return }
        guard let count = CInt(count), 0...Self.most ~= count else {
            throw ListenerError("LISTEN_FDS: \(count.quoted) is no number of sockets from 0 to \(Self.most)")
        }
        guard count > 0 else { return }
        let allowed = "the names (FileDescriptorName=) are \(Name.allCases.map(\.rawValue).joined(separator: " and "))"
        guard let words = names?.split(separator: ":", omittingEmptySubsequences: false), words.count == count else {
            throw ListenerError("LISTEN_FDNAMES: \(count) sockets were passed, but not a name for each; \(allowed)")
        }
        for (word, descriptor) in zip(words, Self.first...) {
            switch Name(rawValue: String(word)) {
            case .api where api == nil: api = descriptor
            case .api: throw ListenerError("LISTEN_FDNAMES: two sockets are named api; there is one of this name")
            case .https: https.append(descriptor)
            case nil: throw ListenerError("LISTEN_FDNAMES: \(String(word).quoted) is not known; \(allowed)")
            }
        }
    }

    private init() {}

    /// More than anybody listens on; a bound, so that a descriptor's number stays one.
    private static let most: CInt = 1000

    /// Checks that `socket` is what its name says, listening, and makes it close-on-exec.
    private static func prepare(_ socket: CInt, _ name: Name, families: [CInt]) throws(ListenerError) {
        let wanted =
            switch name {
            case .api: "a listening Unix stream socket (ListenStream=/run/aifw/api.sock)"
            case .https: "a listening TCP socket (ListenStream=443)"
            }
        guard families.contains(try option(SO_DOMAIN, of: socket, name)),
            try option(SO_TYPE, of: socket, name) == CInt(SOCK_STREAM.rawValue),
            try option(SO_ACCEPTCONN, of: socket, name) == 1
        else {
            throw ListenerError("the socket named \(name.rawValue) (descriptor \(socket)) is not \(wanted)")
        }
        guard fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 else { throw ListenerError("F_SETFD", errno: errno) }
    }

    private static func option(_ option: CInt, of socket: CInt, _ name: Name) throws(ListenerError) -> CInt {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(socket, SOL_SOCKET, option, &value, &length) == 0 else {
            throw ListenerError("descriptor \(socket), passed under the name \(name.rawValue)", errno: errno)
        }
        return value
    }
}
