import CLinux
import Daemon
import Glibc

@testable import aifw_launcher
@testable import aifw_privd

/// A launcher that runs in a thread of the test, with a shell script for wireguard-go, and the helper's end of it.
final class LauncherRig {
    let folder = TemporaryFolder()
    let launcher: Launcher
    private var thread = pthread_t()
    private let listener: Int32
    private let lines = Lines()
    /// What the launcher has written into the journal; to be asked once it has ended.
    var journal: [String] { lines.all }

    private final class Lines { var all: [String] = [] }

    /// - Parameter script: what stands in wireguard-go's place.
    init(
        script: String = "exit 1", patience: Int64 = 5_000, mode: mode_t = 0o755, peerUser: uid_t = geteuid(),
        pfctl: Pfctl? = nil
    ) {
        let path = "\(folder.path)/launcher.sock"
        launcher = Launcher(path: path)
        listener = UnixSocket.make(.packets)
        _ = UnixSocket.withAddress(path) { bind(listener, $0, $1) }
        listen(listener, 8)
        folder.write("program", Array("#!/bin/sh\ncd \(folder.path)\n\(script)\n".utf8), mode: mode)
        let starter = Starter(
            listener: listener, peerUser: peerUser, program: "\(folder.path)/program", folder: folder.path,
            patience: patience, pfctl: pfctl, journal: Journal { [lines] in lines.all.append($0) })
        let box = Unmanaged.passRetained(Box(starter, until: listener))
        pthread_create(&thread, nil, { Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().run() }, box.toOpaque())
    }

    /// Shuts the listener, which the launcher is woken by, and waits until it has returned.
    func finish() {
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
    }

    private final class Box {
        private var starter: Starter
        private let listener: Int32
        init(_ starter: Starter, until listener: Int32) {
            self.starter = starter
            self.listener = listener
        }
        func run() -> UnsafeMutableRawPointer? {
            // A listener that was shut down hangs up.
            var state = pollfd(fd: listener, events: 0, revents: 0)
            while poll(&state, 1, 0) == 0 { try? starter.turn() }
            return nil
        }
    }

    /// Serves `wg7.sock` as soon as the script has written `ready`; returns the listening socket.
    func serveWhenReady() -> Int32 {
        while folder.read("ready") == nil { usleep(1000) }
        let descriptor = UnixSocket.make()
        _ = UnixSocket.withAddress("\(folder.path)/wg7.sock") { bind(descriptor, $0, $1) }
        listen(descriptor, 8)
        return descriptor
    }

    func text(_ name: String) -> String { String(decoding: folder.read(name) ?? [], as: UTF8.self) }
}

/// A thread with a result, for what must go on while the test waits.
final class JoinableThread {
    private var thread = pthread_t()
    private let box: Box

    private final class Box {
        let body: () -> Int32
        var result: Int32 = -1
        init(_ body: @escaping () -> Int32) { self.body = body }
    }

    init(_ body: @escaping () -> Int32) {
        box = Box(body)
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
            let box = Unmanaged<Box>.fromOpaque(pointer!).takeRetainedValue()
            box.result = box.body()
            return nil
        }
        pthread_create(&thread, nil, start, Unmanaged.passRetained(box).toOpaque())
    }

    func join() -> Int32 {
        pthread_join(thread, nil)
        return box.result
    }
}
