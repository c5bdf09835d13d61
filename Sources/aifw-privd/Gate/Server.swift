import CLinux
import Daemon
import Glibc
import Wire

/// The helper's one loop: waits for all connections at once, takes one request at a time, answers it.
///
/// At most ``limit`` connections; of those that have greeted, one writes and one reads. No connection can hold another up
/// by being slow or silent. Time in which the helper itself was busy counts against nobody.
struct Server<Host: HostKernel> {
    /// Two that have greeted and two that are about to.
    static var limit: Int { 4 }

    private let listener: Int32
    private let peerUser: uid_t
    private var dispatch: Dispatch<Host>
    private var journal: Journal
    private var connections: [Connection] = []
    /// Milliseconds spent on requests so far.
    private var busy: Int64 = 0

    /// - Parameters:
    ///   - listener: listening and non-blocking.
    ///   - peerUser: the one account whose connections are taken.
    init(listener: Int32, peerUser: uid_t, dispatch: Dispatch<Host>, journal: Journal = Journal()) {
        self.listener = listener
        self.peerUser = peerUser
        self.dispatch = dispatch
        self.journal = journal
    }

    private var now: Int64 { Clock.now - busy }

    /// Serves for ever.
    mutating func run() throws(StartupError) {
        while true { try turn(atMost: -1) }
    }

    /// Waits for something to happen and deals with it, once.
    ///
    /// - Parameter patience: how long to wait at most, in milliseconds; -1 is for ever.
    mutating func turn(atMost patience: Int32) throws(StartupError) {
        var events = [
            // A full house leaves further ones in the kernel's queue.
            pollfd(fd: connections.count < Self.limit ? listener : -1, events: Int16(POLLIN), revents: 0)
        ]
        events += connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        guard poll(&events, nfds_t(events.count), timeout(atMost: patience)) >= 0 else {
            guard errno == EINTR else { throw StartupError("can't wait for connections", errno: errno) }
            return
        }
        // Whoever had sent its bytes by now is not late, however long the requests before it take.
        let now = now
        for event in events.dropFirst() where event.revents != 0 { serve(event.fd, now: now) }
        closeLate(now: now)
        if events[0].revents != 0 { accept(now: now) }
        journal.flush(now: Clock.now)
    }

    private func timeout(atMost patience: Int32) -> Int32 {
        let now = now
        var timeout = connections.compactMap(\.deadline).map { max(0, $0 - now) }.min() ?? -1
        if journal.isHoldingBack { timeout = timeout < 0 ? 1000 : min(timeout, 1000) }
        let mine = Int32(clamping: timeout)
        return mine < 0 ? patience : patience < 0 ? mine : min(mine, patience)
    }

    // MARK: Coming and going

    private mutating func accept(now: Int64) {
        let descriptor = accept4(listener, nil, nil, AIFW_ACCEPTED)
        guard descriptor >= 0 else { return }
        guard let peer = Peer(of: descriptor), peer.user == peerUser else {
            let words = Peer(of: descriptor).map { "process \($0.process) of user \($0.user)" } ?? "an unknown process"
            log("closed a connection of \(words): only user \(peerUser) may connect")
            close(descriptor)
            return
        }
        connections.append(Connection(descriptor: descriptor, peer: peer, now: now))
    }

    private mutating func closeLate(now: Int64) {
        for connection in connections where connection.deadline.map({ $0 <= now }) ?? false {
            let debt =
                if connection.hasOutgoing {
                    "did not read its answers"
                } else if connection.session.channel == nil {
                    "did not greet"
                } else {
                    "did not finish a frame"
                }
            end(connection.descriptor, "it \(debt) for \(Frame.completionTimeout / 1000) s")
        }
    }

    /// Closes a connection; with a line in the journal if there is something to say.
    private mutating func end(_ descriptor: Int32, _ reason: String? = nil) {
        guard let index = connections.firstIndex(where: { $0.descriptor == descriptor }) else { return }
        let connection = connections.remove(at: index)
        connection.close()
        if let reason {
            let channel = connection.session.channel.map { " of the \($0.rawValue) channel" } ?? ""
            log("closed the connection\(channel) from process \(connection.peer.process): \(reason)")
        }
    }

    private mutating func log(_ line: String) { journal.log(line, now: Clock.now) }

    // MARK: Requests

    private mutating func serve(_ descriptor: Int32, now: Int64) {
        guard let index = connections.firstIndex(where: { $0.descriptor == descriptor }) else { return }
        if !connections[index].hasOutgoing {
            do throws(Refusal) {
                switch try connections[index].read(now: now) {
                case .wait: return
                case .end(let midFrame): return end(descriptor, midFrame ? "it ended in the middle of a frame" : nil)
                case .frame(let body):
                    let start = Clock.now
                    defer { busy += Clock.now - start }
                    try handle(body, index)
                }
            } catch {
                refuse(error, index)
            }
        }
        guard connections[index].send(now: self.now) else { return end(descriptor) }
        if connections[index].isEnding, !connections[index].hasOutgoing { end(descriptor) }
    }

    private mutating func handle(_ body: Bytes, _ index: Int) throws(Refusal) {
        let request = try Request(frame: body)
        try connections[index].session.admit(request, taken: seats(besides: index))
        if case .greet = request { connections[index].greeted() }
        // Pages of a long answer go out while the next is read, as far as the other end takes them.
        var connection = connections[index]
        defer { connections[index] = connection }
        let busy = busy
        let journal = journal
        let record = { (line: String) in journal.record("\(line), to process \(connection.peer.process)") }
        try dispatch.answer(request, now: Clock.now, record: record) { frame in
            connection.queue(frame)
            _ = connection.send(now: Clock.now - busy)
        }
    }

    private func seats(besides index: Int) -> Set<Greet.Channel> {
        let others = connections.indices.filter { $0 != index && !connections[$0].isHungUp }
        return Set(others.compactMap { connections[$0].session.channel })
    }

    private mutating func refuse(_ refusal: Refusal, _ index: Int) {
        let ends = connections[index].session.ends(with: refusal)
        connections[index].isEnding = ends
        if let frame = try? refusal.frame() {
            connections[index].queue(frame)
        } else {
            connections[index].isEnding = true
        }
        log("refused process \(connections[index].peer.process)\(ends ? ", closing" : ""): \(refusal)")
    }
}
