import CCap
import CLinux
import Daemon
import Glibc
import Testing
import Wire

@testable import aifw_privd

/// A server on a socket of its own, turned by hand in the test's thread, and clients of it.
private final class House {
    var server: Server<StandInKernel>
    let folder = TemporaryFolder()
    let kernel: StandInKernel
    private let listener: Int32
    private let lines = Lines()
    private var clients: [Int32] = []

    private final class Lines {
        var all: [String] = []
    }

    init(kernel: StandInKernel = StandInKernel(), peerUser: uid_t = geteuid()) throws {
        self.kernel = kernel
        let listener = UnixSocket.make()
        _ = UnixSocket.withAddress("\(folder.path)/socket") { bind(listener, $0, $1) }
        listen(listener, 8)
        self.listener = listener
        let lines = lines
        server = Server(
            listener: listener, peerUser: peerUser,
            dispatch: Dispatch(
                vault: Vault(keys: [try Samples.key(1)]), kernel: kernel, policy: .standard, now: Clock.now),
            journal: Journal { lines.all.append($0) })
    }

    deinit { for descriptor in clients + [listener] { close(descriptor) } }

    var journal: [String] { lines.all }

    func connect() -> Int32 {
        let client = UnixSocket.make()
        _ = UnixSocket.withAddress("\(folder.path)/socket") { Glibc.connect(client, $0, $1) }
        clients.append(client)
        return client
    }

    func hangUp(_ client: Int32) {
        clients.removeAll { $0 == client }
        close(client)
    }

    func send(_ client: Int32, _ bytes: [UInt8]) {
        #expect(Glibc.send(client, bytes, bytes.count, AIFW_NO_SIGNAL) == bytes.count)
    }

    func send(_ client: Int32, _ verb: some Verb) throws {
        send(client, try verb.request.frame().withUnsafeBytes { Array($0) })
    }

    /// Turns the server until `client` can be read, or for `limit` milliseconds.
    func turn(until client: Int32, limit: Int64 = 5_000) throws {
        let end = Clock.now + limit
        var event = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        while poll(&event, 1, 0) == 0, Clock.now < end { try server.turn(atMost: 20) }
    }

    /// Turns the server until nothing is left for it to do.
    func settle() throws { for _ in 0..<6 { try server.turn(atMost: 0) } }

    enum Heard {
        case frame(Bytes)
        case closed
    }

    /// The next frame that `client` gets, or its end.
    func hear(_ client: Int32, limit: Int64 = 5_000) throws -> Heard {
        var reader = FrameReader()
        let end = Clock.now + limit
        while Clock.now < end {
            try turn(until: client, limit: limit)
            switch try reader.read(from: client) {
            case .frame(let body): return .frame(body)
            case .end: return .closed
            case .wait: continue
            }
        }
        throw StartupError("nothing was heard in time")
    }

    func answer<Asked: Verb>(_ client: Int32, to verb: Asked) throws -> Reply<Asked> {
        try send(client, verb)
        guard case .frame(let body) = try hear(client) else { throw StartupError("closed instead of an answer") }
        return try Reply<Asked>(frame: body)
    }

    /// A client that has greeted.
    func seated(_ channel: Greet.Channel) throws -> Int32 {
        let client = connect()
        guard case .answer = try answer(client, to: Greet(channel: channel)) else { throw StartupError("not let in") }
        return client
    }

    func expectClosed(_ client: Int32) throws {
        guard case .closed = try hear(client) else {
            Issue.record("the connection is still open")
            return
        }
    }

    /// The refusal that `client` gets next.
    func refusal(_ client: Int32) throws -> Refusal? {
        guard case .frame(let body) = try hear(client), case .refused(let refusal) = try Reply<Inventory>(frame: body)
        else { return nil }
        return refusal
    }
}

@Suite struct `The gate` {
    private static func frame(_ text: String) -> [UInt8] {
        let body = Array(text.utf8)
        return (0..<4).reversed().map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) } + body
    }

    @Test func `A writer and a reader are served side by side`() throws {
        let house = try House()
        let (writer, reader) = (try house.seated(.write), try house.seated(.read))
        guard case .answer = try house.answer(reader, to: Inventory()) else { throw StartupError("reader refused") }
        guard case .answer = try house.answer(writer, to: Inventory()) else { throw StartupError("writer refused") }
        #expect(house.journal.isEmpty)
    }

    @Test func `Another account is closed without a word, with one line`() throws {
        let house = try House(peerUser: geteuid() + 1)
        let stranger = house.connect()
        try house.expectClosed(stranger)
        #expect(house.journal.count == 1)
        #expect(house.journal[0].hasSuffix("of user \(geteuid()): only user \(geteuid() + 1) may connect"))
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], Refusal.Code.malformed), ([0, 0x10, 0, 1], .malformed), ([255, 255, 255, 255], .malformed),
            (frame("{"), .malformed), (frame("[]"), .malformed), (frame(#"{"greet":{},"seal":{}}"#), .malformed),
            (frame(#"{"greet":{"protocol":3,"channel":"write","more":1}}"#), .malformed),
            (frame(#"{"sing":{}}"#), .unknownVerb), (frame(#"{"inventory":{}}"#), .outOfOrder),
            (frame(#"{"greet":{"protocol":1,"channel":"write"}}"#), .malformed),
        ] as [([UInt8], Refusal.Code)])
    func `A bad first frame is refused, logged in one line, and closes that connection only`(
        bytes: [UInt8], code: Refusal.Code
    ) throws {
        let house = try House()
        let reader = try house.seated(.read)
        let bad = house.connect()
        house.send(bad, bytes)
        #expect(try house.refusal(bad)?.code == code)
        try house.expectClosed(bad)
        #expect(house.journal.count == 1)
        guard case .answer = try house.answer(reader, to: Inventory()) else { throw StartupError("reader refused") }
    }

    @Test func `What follows a bad frame is never looked at`() throws {
        let house = try House()
        let writer = try house.seated(.write)
        house.send(writer, Self.frame("{}") + Self.frame(#"{"inventory":{}}"#))
        #expect(try house.refusal(writer)?.code == .malformed)
        try house.expectClosed(writer)
        #expect(house.kernel.record.calls.isEmpty)
    }

    @Test func `What the kernel refuses leaves the connection open`() throws {
        var kernel = StandInKernel()
        kernel.refusal = Refusal(.kernel, "no", errno: 95)
        let house = try House(kernel: kernel)
        let writer = try house.seated(.write)
        let apply = ApplyTunnel(tunnel: Samples.object, interface: try TunnelInterface("wg0"))
        guard case .refused(let refusal) = try house.answer(writer, to: apply) else {
            throw StartupError("not refused")
        }
        #expect(refusal == kernel.refusal)
        guard case .answer = try house.answer(writer, to: Inventory()) else { throw StartupError("closed") }
    }

    @Test(arguments: Greet.Channel.allCases)
    func `A third connection is refused, and who sits stays`(channel: Greet.Channel) throws {
        let house = try House()
        let first = try house.seated(channel)
        let second = house.connect()
        guard case .refused(let refusal) = try house.answer(second, to: Greet(channel: channel)) else {
            throw StartupError("let in twice")
        }
        #expect(refusal.code == .limit)
        try house.expectClosed(second)
        guard case .answer = try house.answer(first, to: Inventory()) else { throw StartupError("lost its seat") }
    }

    @Test func `The seat of a client that died is free at once`() throws {
        let house = try House()
        let first = try house.seated(.write)
        // The new one's greeting is there before the server sees that the old one is gone.
        let second = house.connect()
        try house.settle()
        try house.send(second, Greet(channel: .write))
        house.hangUp(first)
        guard case .frame(let body) = try house.hear(second), case .answer = try Reply<Greet>(frame: body) else {
            throw StartupError("not let in")
        }
    }

    @Test func `Frames that come in one piece are answered one by one`() throws {
        let house = try House()
        let client = house.connect()
        let greet = try Greet(channel: .read).request.frame().withUnsafeBytes { Array($0) }
        let inventory = try Inventory().request.frame().withUnsafeBytes { Array($0) }
        house.send(client, greet + inventory + inventory)
        for _ in 0..<3 { guard case .frame = try house.hear(client) else { throw StartupError("closed") } }
        #expect(house.kernel.record.calls == ["inventory", "inventory"])
    }

    @Test func `Half a frame holds nobody up and is closed in time`() throws {
        let house = try House()
        let (writer, reader) = (try house.seated(.write), try house.seated(.read))
        let start = Clock.now
        house.send(writer, [0, 0, 0])
        guard case .answer = try house.answer(reader, to: Inventory()) else { throw StartupError("held up") }
        #expect(Clock.now - start < 1_000)
        try house.expectClosed(writer)
        #expect((1_900..<4_000).contains(Clock.now - start))
        #expect(house.journal.last?.hasSuffix("it did not finish a frame for 2 s") == true)
    }

    @Test func `A connection that does not greet is closed in time, though bytes trickle in`() throws {
        let house = try House()
        let silent = house.connect()
        let start = Clock.now
        house.send(silent, [0])
        try house.turn(until: silent, limit: 1_000)
        house.send(silent, [0])
        try house.expectClosed(silent)
        #expect((1_900..<4_000).contains(Clock.now - start))
        #expect(house.journal.last?.hasSuffix("it did not greet for 2 s") == true)
    }

    @Test func `Silent connections do not keep the peer out for longer than that`() throws {
        let house = try House()
        for _ in 0..<Server<StandInKernel>.limit { _ = house.connect() }
        _ = try house.seated(.write)
    }

    @Test func `A client that does not read its answer holds nobody up and is closed in time`() throws {
        var kernel = StandInKernel()
        kernel.pages = 40
        let house = try House(kernel: kernel)
        let (writer, reader) = (try house.seated(.write), try house.seated(.read))
        try house.send(reader, ReadTunnel(tunnel: Samples.object, interface: try TunnelInterface("wg0")))
        try house.settle()
        let start = Clock.now
        guard case .answer = try house.answer(writer, to: Inventory()) else { throw StartupError("held up") }
        #expect(Clock.now - start < 1_000)
        while house.journal.isEmpty, Clock.now - start < 5_000 { try house.server.turn(atMost: 50) }
        #expect(house.journal.last?.hasSuffix("it did not read its answers for 2 s") == true)
    }

    @Test func `A long answer arrives whole, page by page`() throws {
        var kernel = StandInKernel()
        kernel.pages = 40
        let house = try House(kernel: kernel)
        let reader = try house.seated(.read)
        let read = ReadTunnel(tunnel: Samples.object, interface: try TunnelInterface("wg0"))
        try house.send(reader, read)
        var pages = 0
        while pages < 100 {
            guard case .frame(let body) = try house.hear(reader),
                case .answer(let page) = try Reply<ReadTunnel>(frame: body)
            else { throw StartupError("not answered") }
            #expect(page.peers.count == 250)
            pages += 1
            if !page.more { break }
        }
        #expect(pages == 40)
    }
}
