import Daemon
import Foundation
import Synchronization
import Testing
import Wire

@testable import aifw_privd

/// Stands between the helper and a wireguard-go and counts what is sent to it.
final class UserspaceProxy: Sendable {
    let folder: String
    private let listener: Int32
    private let counts = Mutex((bytes: 0, connections: 0))

    var bytes: Int { counts.withLock { $0.bytes } }
    var connections: Int { counts.withLock { $0.connections } }

    init(_ interface: TunnelInterface) throws {
        var template = Array("/tmp/aifw-proxy.XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = UnixSocket.withAddress("\(folder)/\(interface).sock") { [listener] in bind(listener, $0, $1) }
        try #require(bound == 0 && listen(listener, 8) == 0)
        let name = "/run/wireguard/\(interface).sock"
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                counts.withLock { $0.connections += 1 }
                serve(client, name)
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// One request and its answer at a time, as the helper asks.
    private func serve(_ client: Int32, _ name: String) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(client)
            close(server)
        }
        guard UnixSocket.withAddress(name, { connect(server, $0, $1) }) == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            var ends = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ends, 2, -1) > 0 else { return }
            for (index, (from, to)) in [(client, server), (server, client)].enumerated() where ends[index].revents != 0
            {
                let count = recv(from, &buffer, buffer.count, 0)
                guard count > 0, send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
                if index == 0 { counts.withLock { $0.bytes += count } }
            }
        }
    }
}
