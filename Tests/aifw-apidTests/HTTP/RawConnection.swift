import Foundation
import Glibc
import Testing

/// A plain socket, for what no proper client would send.
enum RawConnection {
    /// Sends `text` over the Unix socket and returns what comes back until the other end closes.
    static func talk(_ text: String, to path: String) async throws -> String {
        try await talk(text) { descriptor in
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return connect(descriptor, &address)
        } family: {
            AF_UNIX
        }
    }

    /// The same over TCP on 127.0.0.1.
    static func talk(_ text: String, toPort port: UInt16) async throws -> String {
        try await talk(text) { descriptor in
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            return connect(descriptor, &address)
        } family: {
            AF_INET
        }
    }

    private static func connect<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
        let length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
    }

    private static func talk(
        _ text: String, connect: (CInt) -> CInt, family: () -> CInt
    ) async throws -> String {
        let descriptor = socket(family(), CInt(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(connect(descriptor) == 0)
        // On a thread of its own: Dispatch's are those that tasks run on, and must not block.
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = Array(text.utf8).withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                var bytes: [UInt8] = []
                var part = [UInt8](repeating: 0, count: 4096)
                while case let count = recv(descriptor, &part, part.count, 0), count > 0 { bytes += part.prefix(count) }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
