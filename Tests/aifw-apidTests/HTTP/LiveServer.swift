import Foundation
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
            let identity = TLSIdentity(try pair.load().configuration)
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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let data = output.fileHandleForReading.readDataToEndOfFile()
                if process.terminationStatus == 0 {
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                } else {
                    continuation.resume(throwing: CurlError(code: process.terminationStatus))
                }
            }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// The exit code of curl(1): 28 is a timeout, 52 an empty answer.
struct CurlError: Error {
    let code: Int32
}
