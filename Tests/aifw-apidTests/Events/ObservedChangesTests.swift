import NIOCore
import Testing
import Wire

@testable import aifw_apid

/// What an observation tells after another one, and when.
struct ObservedChangesTests {
    private let tunnel: TunnelRecord
    private let id = ObjectID(bits: 9)

    init() throws { tunnel = try .sample() }

    private func observation(
        at seconds: Int64, _ status: TunnelStatus = .up, handshake: UInt64 = 0, isEnabled: Bool = true, peers: Int = 1
    ) throws -> Observation {
        let time = Timestamp(milliseconds: seconds * 1000)
        let observed = try (0..<peers).map { number in
            let peer = try PeerRecord.sample("laptop", of: tunnel.id, allowedIPs: AllowedIPs("10.0.0.2"))
            return ObservedPeer(
                id: number == 0 ? id : ObjectID(bits: UInt128(1000 + number)), name: peer.name,
                publicKey: peer.publicKey,
                condition: PeerCondition(
                    isEnabled: isEnabled, expiresAt: nil, latestHandshake: isEnabled ? handshake : 0, now: time),
                state: isEnabled
                    ? PeerState(
                        publicKey: peer.publicKey, presharedKey: nil, endpoint: nil, allowedIPs: [],
                        keepalive: peer.keepalive, latestHandshake: handshake, received: 0, sent: 0) : nil)
        }
        return Observation(
            time: time, tunnels: [ObservedTunnel(record: tunnel, status: status, peers: observed)], associations: [])
    }

    private func told(_ events: [ObservedEvent]) -> [String] {
        events.flatMap { event -> [String] in
            switch event {
            case .status(_, let word, let detail): [detail.map { "\(word): \($0)" } ?? word]
            case .handshake(_, _, let peers): peers.map { "\($0.condition) \($0.latestHandshake)" }
            }
        }
    }

    @Test func `the first observation is where it begins, and nothing that stays the same is told`() throws {
        var changes = ObservedChanges()
        #expect(changes.take(try observation(at: 1000, handshake: 990)).isEmpty)
        #expect(changes.take(try observation(at: 1005, handshake: 990)).isEmpty)
    }

    @Test func `another status or another reason is told once`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 1000))
        #expect(told(changes.take(try observation(at: 1005, .error("missing")))) == ["error: missing"])
        #expect(changes.take(try observation(at: 1010, .error("missing"))).isEmpty)
        #expect(told(changes.take(try observation(at: 1015, .error("another")))) == ["error: another"])
        #expect(told(changes.take(try observation(at: 1020))) == ["up"])
    }

    @Test func `what is new was down before, and what is gone is not told of`() throws {
        var changes = ObservedChanges()
        let nothing = Observation(time: Timestamp(milliseconds: 0), tunnels: [], associations: [])
        _ = changes.take(nothing)
        #expect(told(changes.take(try observation(at: 1000, .up, handshake: 999))) == ["up", "online 999"])
        #expect(changes.take(nothing).isEmpty)
        #expect(changes.take(try observation(at: 1005, .down)).isEmpty)
    }

    @Test func `a new handshake waits ten seconds for the next, and is told then`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 1000))
        #expect(told(changes.take(try observation(at: 1005, handshake: 1003))) == ["online 1003"])
        #expect(changes.take(try observation(at: 1010, handshake: 1009)).isEmpty)
        #expect(told(changes.take(try observation(at: 1015, handshake: 1009))) == ["online 1009"])
        #expect(changes.take(try observation(at: 1030, handshake: 1009)).isEmpty)
    }

    @Test func `after the clock was set back the next handshake does not wait for the time that was`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 10_000))
        #expect(told(changes.take(try observation(at: 10_005, handshake: 10_003))) == ["online 10003"])
        #expect(told(changes.take(try observation(at: 6400, handshake: 6399))) == ["online 6399"])
        #expect(changes.take(try observation(at: 6405, handshake: 6404)).isEmpty)
        #expect(told(changes.take(try observation(at: 6410, handshake: 6404))) == ["online 6404"])
    }

    @Test func `another state does not wait`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 1000))
        #expect(told(changes.take(try observation(at: 1005, handshake: 1003))) == ["online 1003"])
        #expect(told(changes.take(try observation(at: 1006, isEnabled: false))) == ["disabled 0"])
        #expect(told(changes.take(try observation(at: 1007))) == ["never 0"])
        #expect(told(changes.take(try observation(at: 1008, handshake: 1008))) == ["online 1008"])
        #expect(told(changes.take(try observation(at: 1189, handshake: 1008))) == ["stale 1008"])
    }

    @Test func `many peers are told of in several events`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 1000, peers: 1201))
        let events = changes.take(try observation(at: 1005, handshake: 1003, peers: 1201))
        #expect(events.count == 3 && told(events).count == 1201)
    }

    @Test func `events say when, what and how`() throws {
        var changes = ObservedChanges()
        _ = changes.take(try observation(at: 0))
        let events = changes.take(try observation(at: 1, .error("missing"), handshake: 1))
        let text = String(buffer: ByteBuffer(events.map { $0.block(at: Timestamp(milliseconds: 1000)) }))
        let time = "1970-01-01T00:00:01Z"
        #expect(
            text == """
                event: status
                data: {"time":"\(time)","object":{"type":"tunnel","id":"\(tunnel.id)","name":"office"},"status":"error",\
                "status_detail":"missing"}

                event: handshake
                data: {"time":"\(time)","tunnel":{"id":"\(tunnel.id)","name":"office"},"peers":[{"id":"\(id)",\
                "name":"laptop","state":"online","latest_handshake":"\(time)"}]}


                """)
    }
}
