import Foundation
import Glibc
import Testing

/// A plain socket, for what no proper client would send.
enum RawConnection {
    /// Sends `text` over the Unix socket and returns what comes back until the other end closes.
    ///
    /// - Parameter more: what is sent when the first bytes of an answer are there.
    static func talk(_ text: String, to path: String, then more: String = "") async throws -> String {
        try await talk(text, then: more, on: connected(to: path))
    }

    /// The same over TCP on 127.0.0.1.
    static func talk(_ text: String, toPort port: UInt16) async throws -> String {
        try await talk(text, then: "", on: connected(toPort: port))
    }

    /// Sends `text` over the Unix socket, and reads nothing while `body` runs.
    static func hold(_ text: String, at path: String, _ body: () async throws -> Void) async throws {
        let descriptor = try connected(to: path)
        defer { close(descriptor) }
        send(text, on: descriptor)
        try await body()
    }

    /// Keeps so many connections open while `body` runs, and says nothing on them. `body` begins when so many of them are
    /// `closed` by the other end: what has been taken in and what has made way is settled then.
    static func hold(
        _ count: Int, closed: Int, atPort port: UInt16, _ body: () async throws -> Void
    ) async throws {
        var descriptors: [CInt] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for _ in 0..<count { descriptors.append(try connected(toPort: port)) }
        let end = ContinuousClock.now + .seconds(60)
        while descriptors.count(where: isClosed) < closed {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body()
    }

    private static func isClosed(_ descriptor: CInt) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN
    }

    private static func connected(to path: String) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return try connected(AF_UNIX, &address)
    }

    private static func connected(toPort port: UInt16) throws -> CInt {
        // The bytes of a sockaddr_in (ip(7)). Not by its members: whether Glibc or a module of NIO's has them depends on what
        // the compiler reads first, which the number of test files decides.
        var address = (sa_family_t(AF_INET), port.bigEndian, UInt32(0x7F00_0001).bigEndian, UInt64(0))
        return try connected(AF_INET, &address)
    }

    private static func connected<Address>(_ family: CInt, _ address: inout Address) throws -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        let result = connect(descriptor, &address)
        if result != 0 { close(descriptor) }
        try #require(result == 0)
        return descriptor
    }

    private static func connect<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
        let length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
    }

    private static func send(_ text: String, on descriptor: CInt) {
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
    }

    private static func talk(_ text: String, then more: String, on descriptor: CInt) async throws -> String {
        defer { close(descriptor) }
        // On a thread of its own: Dispatch's are those that tasks run on, and must not block.
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                send(text, on: descriptor)
                var bytes: [UInt8] = []
                var part = [UInt8](repeating: 0, count: 4096)
                while case let count = recv(descriptor, &part, part.count, 0), count > 0 {
                    if bytes.isEmpty, !more.isEmpty { send(more, on: descriptor) }
                    bytes += part.prefix(count)
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
