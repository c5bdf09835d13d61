import Dispatch
import Foundation
import Glibc
import Synchronization

/// A test double of the API daemon: listens on a Unix socket of its own and answers what the test says.
final class FakeAPI: Sendable {
    /// What a client sent.
    struct Call: Equatable {
        let method: String
        let target: String
        let accept: String
        let body: String

        /// `GET /api/v1/vpn/wg?limit=1000`
        var line: String { "\(method) \(target)" }
    }

    /// What it is answered with.
    struct Answer {
        var status = 200
        var fields: [String] = ["Content-Type: application/json"]
        var body: String

        static func json(_ body: String, status: Int = 200) -> Answer { Answer(status: status, body: body) }
        /// A body in chunks, as a streaming server sends it.
        var chunked = false
        /// Bytes sent instead of everything else; then the connection is closed.
        var raw: String?
        /// Whether the connection is closed behind it, unannounced.
        var closes = false

        static func problem(_ status: Int, _ body: String, fields: [String] = []) -> Answer {
            Answer(status: status, fields: ["Content-Type: application/problem+json"] + fields, body: body)
        }
    }

    let socketPath: String
    private let folder: String
    private let listener: Int32
    private let seen = Mutex<[Call]>([])
    private let ended = DispatchSemaphore(value: 0)

    private let accepted = Mutex(0)

    /// How many connections there were.
    var connections: Int { accepted.withLock { $0 } }

    /// Every call so far, in its order.
    var calls: [Call] { seen.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Call) -> Answer) {
        folder = NSTemporaryDirectory() + "aifw-cli-\(UUID().uuidString.prefix(8))"
        socketPath = folder + "/api.sock"
        mkdir(folder, 0o700)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
            }
        }
        listen(listener, 16)
        Thread.detachNewThread { [listener, weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    // Only here, where nobody asks for its number any more: it may be another listener's at once.
                    close(listener)
                    return
                }
                self?.accepted.withLock { $0 += 1 }
                Thread.detachNewThread { [weak self] in
                    while let call = Self.read(connection) {
                        self?.seen.withLock { $0.append(call) }
                        guard Self.write(answer(call), to: connection) else { break }
                    }
                    Glibc.close(connection)
                    self?.ended.signal()
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(socketPath)
        rmdir(folder)
    }

    /// Waits until it has closed a connection.
    func waitForEnd() { ended.wait() }

    private static func read(_ connection: Int32) -> Call? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        func more() -> Bool {
            let count = Glibc.read(connection, &buffer, buffer.count)
            guard count > 0 else { return false }
            text += String(decoding: buffer[..<count], as: UTF8.self)
            return true
        }
        while !text.contains("\r\n\r\n") { guard more() else { return nil } }
        let lines = text.components(separatedBy: "\r\n\r\n")[0].components(separatedBy: "\r\n")
        func field(_ name: String) -> String {
            lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) } ?? ""
        }
        let length = Int(field("Content-Length")) ?? 0
        func body() -> String { text.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n") }
        while body().utf8.count < length { guard more() else { return nil } }
        let request = lines[0].components(separatedBy: " ")
        return Call(method: request[0], target: request[1], accept: field("Accept"), body: body())
    }

    private static func write(_ answer: Answer, to connection: Int32) -> Bool {
        var text: String
        if let raw = answer.raw {
            text = raw
        } else {
            text = "HTTP/1.1 \(answer.status) Whatever\r\n" + answer.fields.map { $0 + "\r\n" }.joined()
            if answer.chunked {
                text += "Transfer-Encoding: chunked\r\n\r\n"
                let bytes = Array(answer.body.utf8)
                for start in stride(from: 0, to: bytes.count, by: 7) {
                    let part = bytes[start..<min(start + 7, bytes.count)]
                    text += String(part.count, radix: 16) + "\r\n" + String(decoding: part, as: UTF8.self) + "\r\n"
                }
                text += "0\r\n\r\n"
            } else {
                text += "Content-Length: \(answer.body.utf8.count)\r\n\r\n" + answer.body
            }
        }
        let bytes = Array(text.utf8)
        let isSent = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        return isSent && answer.raw == nil && !answer.closes
    }
}
