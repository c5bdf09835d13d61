import CCap
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Testing
import Wire

@testable import aifw_apid

/// A server that is up for as long as `body` runs, in a folder of its own: its Unix socket, and TLS on a loopback port.
struct LiveServer {
    let folder: String
    let socket: String
    /// `127.0.0.1:port`
    let address: String
    /// What the TLS listener shows.
    let identity: TLSIdentity

    var port: UInt16 { address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    static func with(
        _ table: [Route], verifier: any TokenVerifier = KnownTokens(), idempotency: Idempotency? = nil,
        timeouts: Timeouts = Timeouts(), connectionLimit: Int = 1024, bodyLimits: BodyMemory.Limits = BodyMemory.limits,
        meters: Meters = Meters(), _ body: @escaping @Sendable (LiveServer) async throws -> Void
    ) async throws {
        try await withLiveFolder { folder in
            let pair = ServerCertificate(certificatePath: folder + "/tls.crt", keyPath: folder + "/tls.key")
            _ = try pair.makeUnlessPresent(names: ["localhost"])
            var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            logger.logLevel = .critical
            let identity = TLSIdentity(try pair.load())
            let pipeline = Pipeline(
                table: table, verifier: verifier, idempotency: idempotency, logger: logger, meters: meters)
            let (ready, announce) = AsyncStream.makeStream(of: [String].self)
            let server = Server(
                listeners: [
                    Listener(place: .path(folder + "/api.sock"), speech: .local),
                    Listener(
                        place: .address(IPAddress(.v4, bits: 0x7F00_0001), port: 0),
                        speech: .tls(identity)),
                ],
                timeouts: timeouts, connectionLimit: connectionLimit, bodyLimits: bodyLimits, meters: meters,
                logger: logger, respond: pipeline.respond,
                onReady: { addresses in
                    announce.yield(addresses)
                    announce.finish()
                })
            let group = ServiceGroup(services: [server], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    // Whatever happens, nobody waits for a server that will never be ready.
                    defer { announce.finish() }
                    try await group.run()
                }
                var addresses: [String] = []
                for await announced in ready { addresses = announced }
                if addresses.count == 2 {
                    try await body(
                        LiveServer(folder: folder, socket: addresses[0], address: addresses[1], identity: identity))
                    await group.triggerGracefulShutdown()
                }
                try await tasks.waitForAll()
            }
        }
    }

    /// Sends a request by curl(1) over the Unix socket.
    func local(_ path: String, _ arguments: String...) async throws -> Answer { try await local(path, arguments) }

    func local(_ path: String, _ arguments: [String]) async throws -> Answer {
        try await Answer(Curl.run(["--unix-socket", socket] + arguments + ["http://localhost" + path]))
    }

    /// Sends a request by curl(1) over TLS, the certificate checked.
    func remote(_ path: String, _ arguments: String...) async throws -> Answer { try await remote(path, arguments) }

    func remote(_ path: String, _ arguments: [String]) async throws -> Answer {
        let port = address.split(separator: ":")[1]
        return try await Answer(
            Curl.run(["--cacert", folder + "/tls.crt"] + arguments + ["https://localhost:\(port)\(path)"]))
    }
}

/// What came back: the first line, the header fields (names in lower case), and the body.
struct Answer {
    let status: Int
    let version: String
    let headers: [String: String]
    let body: String

    init(_ text: String) throws {
        var rest = text[...]
        var head: Substring
        // A header field's value may begin with 100 as well.
        repeat {
            let end = try #require(rest.range(of: "\r\n\r\n"))
            head = rest[..<end.lowerBound]
            rest = rest[end.upperBound...]
        } while head.prefix { $0 != "\r\n" }.contains(" 100")
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        version = String(words[0])
        status = try #require(Int(words[1]))
        headers = Dictionary(
            lines.dropFirst().map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (line[..<colon].lowercased(), String(line[colon...].dropFirst(2)))
            }, uniquingKeysWith: { first, _ in first })
        body = String(rest)
    }

    var json: JSON { get throws { try JSONParser.parse(Bytes(body.utf8)) } }

    /// The word of the problem that this is; nil if it is none.
    var problem: String? {
        get throws {
            guard headers["content-type"] == "application/problem+json" else { return nil }
            let json = try json
            #expect(json["status"]?.integer == Int64(status))
            #expect(json["detail"]?.text?.isEmpty == false)
            return json["type"]?.text.map { String($0.dropFirst("/problems/".count)) }
        }
    }
}

extension JSON {
    /// As a client sends it.
    var words: String { serialized.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

/// curl(1), so that the server is spoken to by somebody else's HTTP.
enum Curl {
    /// Runs it and gives back head and body as they came.
    static func run(_ arguments: [String]) async throws -> String {
        try await run("/usr/bin/curl", ["-sS", "-i", "--max-time", "60"] + arguments)
    }

    /// Runs another program and gives back its output.
    static func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // On a thread of its own, as a ``RawConnection``.
            Thread.detachNewThread { continuation.resume(with: Result { try output(of: program, arguments) }) }
        }
    }

    /// By posix_spawn(3): Foundation's Process crashes where more than some 1,350 descriptors are open
    /// (swift-corelibs-foundation, issue 5472), and all tests begin at once.
    private static func output(of program: String, _ arguments: [String]) throws -> String {
        // Of a pipe's ends, another program that is started meanwhile could get one.
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        defer { close(ends[0]) }
        let process = try {
            defer { close(ends[1]) }
            return try start(program, arguments, output: ends[1])
        }()
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = read(ends[0], &part, part.count), count > 0 { bytes += part.prefix(count) }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw CurlError(code: aifw_exit_status(status)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func start(_ program: String, _ arguments: [String], output: CInt) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for string in words + variables { free(string) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, program, &actions, nil, &words, &variables) == 0)
        return process
    }
}

/// The exit code of curl(1): 28 is a timeout, 52 an empty answer; -1 if a signal ended it.
struct CurlError: Error {
    let code: Int32
}
