import Daemon
import Foundation
import KernelMessages
import Testing
import Wire

@testable import aifw_privd

/// What the helper does when the other end of a control socket is not what it should be.
struct UserspaceSocketTests {
    /// Serves one connection: waits for an empty line, answers, hangs up.
    private final class Server: Sendable {
        let folder: String
        let path: String

        /// - Parameters:
        ///   - answer: nil if it never says anything and waits until the other end hangs up.
        ///   - pause: how long it waits before it says its answer once more, twenty times; nil if it says it once.
        init(_ interface: TunnelInterface, answer: String?, pause: Duration? = nil) throws {
            var template = Array("/tmp/aifw-socket.XXXXXX".utf8CString)
            let folder = String(cString: try #require(mkdtemp(&template)))
            let path = "\(folder)/\(interface).sock"
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            try #require(UnixSocket.withAddress(path) { bind(listener, $0, $1) } == 0 && listen(listener, 1) == 0)
            Thread.detachNewThread {
                let client = accept(listener, nil, nil)
                var heard: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while !heard.suffix(2).elementsEqual("\n\n".utf8) {
                    let count = recv(client, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    heard += buffer.prefix(count)
                }
                if let answer {
                    _ = send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                    for _ in 0..<20 {
                        guard let pause else { break }
                        Thread.sleep(forTimeInterval: pause / .seconds(1))
                        _ = send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                    }
                } else {
                    _ = recv(client, &buffer, buffer.count, 0)
                }
                close(client)
                close(listener)
            }
            self.folder = folder
            self.path = path
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    private let interface: TunnelInterface

    init() throws { interface = try TunnelInterface("wg1") }

    private func lines(of answer: String) throws -> [String] {
        let server = try Server(interface, answer: answer)
        let socket = try #require(try UserspaceSocket(interface, path: server.path))
        var lines: [String] = []
        try socket.get(doing: "read wg1") { (line) throws(Refusal) in
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        return lines
    }

    @Test func `lines are given one by one up to the error number`() throws {
        #expect(try lines(of: "a=1\nb=2\nerrno=0\n\n") == ["a=1", "b=2"])
    }

    @Test func `a long answer comes through a small buffer whole`() throws {
        let expected = (0..<8_000).map { "line=\($0)" }
        #expect(try lines(of: expected.joined(separator: "\n") + "\nerrno=0\n\n") == expected)
    }

    @Test(arguments: [
        "", "a=1\n", "a=1\nerrno=0\n", "a=1\n\n", "errno=0\na=1\n\n", String(repeating: "x", count: 40_000),
        "errno=?\n\n",
    ])
    func `an answer that is cut off or wrong is refused`(answer: String) {
        #expect {
            try lines(of: answer)
        } throws: {
            ($0 as? Refusal)?.code == .kernel
        }
    }

    @Test func `the error number becomes the refusal's`() throws {
        let server = try Server(interface, answer: "errno=-98\n\n")
        let socket = try #require(try UserspaceSocket(interface, path: server.path))
        #expect(
            throws: Refusal(.kernel, "cannot configure wg1: Address already in use", errno: EADDRINUSE)
        ) {
            try socket.set(UserspaceConfiguration(DeviceChange()), doing: "configure wg1")
        }
    }

    @Test func `a wireguard-go that is silent is given up after three seconds, and the refusal says so`() throws {
        #expect(UserspaceSocket.patience == 3)
        let server = try Server(interface, answer: nil)
        let socket = try #require(try UserspaceSocket(interface, path: server.path, patience: 1))
        let refusal = #expect(throws: Refusal.self) {
            try socket.get(doing: "read wg1") { (_) throws(Refusal) in true }
        }
        #expect(
            refusal?.message == "cannot read wg1: Connection timed out "
                + "(its wireguard-go has not answered for 1 s: it is stopped or overloaded)")
        #expect(refusal?.errno == ETIMEDOUT)
    }

    @Test func `a wireguard-go that goes on for ever is given up before aifw-apid gives up the helper`() throws {
        #expect(UserspaceSocket.total + UserspaceSocket.patience < 15)
        let server = try Server(interface, answer: "rx_bytes=1\n", pause: .milliseconds(300))
        let socket = try #require(try UserspaceSocket(interface, path: server.path, total: 1))
        let refusal = #expect(throws: Refusal.self) {
            try socket.get(doing: "read wg1") { (_) throws(Refusal) in true }
        }
        #expect(
            refusal?.message == "cannot read wg1: Connection timed out "
                + "(its wireguard-go has not answered for 1 s: it is stopped or overloaded)")
        #expect(refusal?.errno == ETIMEDOUT)
    }

    @Test func `nobody at the socket, or no socket, is no connection`() throws {
        #expect(try UserspaceSocket(interface, path: "/nonexistent/wg1.sock") == nil)
        let server = try Server(interface, answer: "")
        _ = try UserspaceSocket(interface, path: server.path)
        // Bound once and left: the file stays when nobody listens any more.
        let stale = "\(server.folder)/stale.sock"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(UnixSocket.withAddress(stale) { bind(descriptor, $0, $1) } == 0)
        close(descriptor)
        #expect(try UserspaceSocket(interface, path: stale) == nil)
    }
}
