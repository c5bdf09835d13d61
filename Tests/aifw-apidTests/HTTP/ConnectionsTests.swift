import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import aifw_apid

@Suite struct ConnectionsTests {
    private let log = RecordedLog()

    private func v4(_ last: UInt32) -> ConnectionOwner { .v4(0xC000_0200 + last) }

    /// Admits a new connection of `owner`.
    private func open(_ connections: Connections, _ owner: ConnectionOwner) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ConnectionDoor(stalled: .seconds(1)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        #expect(connections.admit(channel, of: owner))
        return channel
    }

    @Test func `a newcomer takes the place of the one that has waited longest, of whoever has most`() throws {
        let connections = Connections(limit: 4, logger: log.logger)
        let honest = try open(connections, v4(1))
        let flood = try (0..<3).map { _ in try open(connections, v4(2)) }
        let newcomer = try open(connections, v4(3))
        #expect(!flood[0].isActive && flood[1].isActive && flood[2].isActive)
        #expect(honest.isActive && newcomer.isActive)
        let another = try open(connections, v4(2))
        #expect(!flood[1].isActive && another.isActive && honest.isActive)
        #expect(connections.count == 4)
    }

    @Test func `where each has one, the one goes that has waited longest, and never the newcomer`() throws {
        let connections = Connections(limit: 3, logger: log.logger)
        let old = try (1...3).map { try open(connections, v4($0)) }
        let newcomer = try open(connections, v4(4))
        #expect(!old[0].isActive && old[1].isActive && old[2].isActive && newcomer.isActive)
    }

    @Test func `a request in work is the last to go`() throws {
        let connections = Connections(limit: 2, logger: log.logger)
        let busy = try open(connections, v4(1))
        connections.requestBegan(on: busy)
        let waiting = try open(connections, v4(1))
        _ = try open(connections, v4(1))
        #expect(busy.isActive && !waiting.isActive)
        connections.requestEnded(on: busy)
        _ = try open(connections, v4(1))
        #expect(busy.isActive, "it has waited less long than the other one")
        _ = try open(connections, v4(1))
        #expect(!busy.isActive)
    }

    @Test func `streams beside the first count as connections`() throws {
        let connections = Connections(limit: 4, logger: log.logger)
        let streams = try open(connections, v4(1))
        for _ in 0..<3 { connections.requestBegan(on: streams) }
        let other = try open(connections, v4(2))
        #expect(streams.isActive)
        _ = try open(connections, v4(3))
        #expect(!streams.isActive && other.isActive)
        // They end after their connection; nothing is left of them.
        for _ in 0..<3 { connections.requestEnded(on: streams) }
        let more = try (4...5).map { try open(connections, v4($0)) }
        #expect(other.isActive && more.allSatisfy { $0.isActive })
    }

    @Test func `a connection with many streams goes before one that waits`() throws {
        let connections = Connections(limit: 20, logger: log.logger)
        let waiting = try open(connections, v4(1))
        let streams = try open(connections, v4(1))
        for _ in 0..<19 { connections.requestBegan(on: streams) }
        let newcomer = try open(connections, v4(1))
        #expect(!streams.isActive && waiting.isActive && newcomer.isActive)
    }

    @Test func `a connection that closes leaves nothing behind`() throws {
        let connections = Connections(limit: 2, logger: log.logger)
        for _ in 0..<10 {
            let channel = try open(connections, v4(1))
            connections.requestBegan(on: channel)
            connections.requestBegan(on: channel)
            try channel.close().wait()
            // Only now it is told that it is closed.
            channel.embeddedEventLoop.run()
            connections.requestEnded(on: channel)
        }
        #expect(connections.count == 0)
        let both = try [open(connections, v4(1)), open(connections, v4(1))]
        #expect(both.allSatisfy { $0.isActive })
        #expect(log.lines.isEmpty)
    }

    @Test func `those that wait for too long are closed, those in work are not`() throws {
        let connections = Connections(limit: 4, logger: log.logger)
        let (busy, idle) = try (open(connections, v4(1)), open(connections, v4(1)))
        connections.requestBegan(on: busy)
        connections.closeIdle(for: .hours(1))
        #expect(idle.isActive)
        connections.closeIdle(for: .nanoseconds(-1))
        idle.embeddedEventLoop.run()
        #expect(!idle.isActive && busy.isActive && connections.count == 1)
    }

    @Test func `the log tells once that connections had to go`() throws {
        let connections = Connections(limit: 1, logger: log.logger)
        for _ in 0..<20 { _ = try open(connections, v4(1)) }
        #expect(log.lines.map(\.message) == ["connections had to make way for new ones"])
        #expect(log.lines[0].level == .warning && log.lines[0].metadata["limit"]?.description == "1")
    }

    @Test(arguments: [
        ("192.0.2.7", "::ffff:192.0.2.7", true), ("2001:db8::1", "2001:db8::ffff", true),
        ("2001:db8::1", "2001:db8:0:1::1", false), ("192.0.2.7", "192.0.2.8", false),
    ])
    func `an IPv4 address is one owner, and a network of 64 bits is`(one: String, other: String, same: Bool) throws {
        let owners = try [one, other].map { ConnectionOwner(try SocketAddress(ipAddress: $0, port: 1)) }
        #expect((owners[0] == owners[1]) == same)
        #expect(ConnectionOwner(try SocketAddress(unixDomainSocketPath: "/s")) == .local)
    }
}

@Suite struct BodyMemoryTests {
    @Test func `long bodies leave room for ordinary ones`() {
        let memory = BodyMemory(limits: .init(ordinary: 2 << 20, long: 64 << 20))
        var (bulk, second, third) = (BodyMemory.Share(), BodyMemory.Share(), BodyMemory.Share())
        #expect(memory.grow(&bulk, to: 64 << 20))
        #expect(!memory.grow(&second, to: BodyMemory.ordinary + 1))
        #expect(memory.grow(&third, to: BodyMemory.ordinary))
        memory.release(&bulk)
        #expect(memory.grow(&second, to: 64 << 20))
    }

    @Test func `for small bodies there is room when there is none for others`() {
        let memory = BodyMemory(limits: .init(ordinary: 1 << 20, long: 1 << 20))
        var (all, small) = (BodyMemory.Share(), BodyMemory.Share())
        #expect(memory.grow(&all, to: 1 << 20))
        #expect(memory.grow(&small, to: BodyMemory.small))
        #expect(!memory.grow(&small, to: BodyMemory.small + 1))
        memory.release(&all)
        #expect(memory.grow(&small, to: 1 << 20))
        memory.release(&small)
        #expect(memory.grow(&all, to: 1 << 20))
    }

    @Test func `a body that grows is counted as it grows, and gives everything back`() {
        let memory = BodyMemory(limits: .init(ordinary: 1 << 20, long: 3 << 20))
        for _ in 0..<5 {
            var share = BodyMemory.Share()
            for size in stride(from: 0, through: 3 << 20, by: 1 << 18) { #expect(memory.grow(&share, to: size)) }
            #expect(!memory.grow(&share, to: (3 << 20) + 1))
            #expect(share.size == 3 << 20)
            memory.release(&share)
            memory.release(&share)
        }
    }
}
