import Testing
import Wire

@testable import aifw_apid

@Suite struct MonitoringTests {
    private let ledger = TrafficLedger()
    private let monitoring: Monitoring

    init() { monitoring = Monitoring(ledger: ledger) }

    private func lines(_ name: String, hasPeers: Bool = false, after wait: Duration = .zero) -> [String] {
        monitoring.text(hasPeers: hasPeers, backlog: 3, at: .now + wait).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(name) }
    }

    private static func peer(
        _ name: String, _ condition: PeerCondition = .online, handshake: UInt64 = 0, _ received: UInt64 = 0,
        _ sent: UInt64 = 0
    ) throws -> ObservedPeer {
        ObservedPeer(
            id: .random(), name: try ObjectName(name), publicKey: .sample, condition: condition,
            state: PeerState(
                publicKey: .sample, presharedKey: nil, endpoint: nil, allowedIPs: [],
                keepalive: try Keepalive(0), latestHandshake: handshake, received: received, sent: sent))
    }

    private func observe(_ tunnels: [(TunnelStatus, [ObservedPeer])]) throws -> [TunnelRecord] {
        let tunnels = try tunnels.enumerated().map { number, tunnel in
            ObservedTunnel(
                record: try .sample("office \(number)", number: number, address: "10.\(number).0.1/24"),
                status: tunnel.0, peers: tunnel.1)
        }
        let observation = Observation(time: .now, tunnels: tunnels, associations: [])
        ledger.book(observation)
        monitoring.take(observation)
        return tunnels.map(\.record)
    }

    @Test func `before anything was read, and when the last reading is old, nothing is said of the kernel`() throws {
        let ofKernel = [
            "aifw_tunnel", "aifw_associations", "aifw_peer", "aifw_receive", "aifw_transmit", "aifw_latest",
        ]
        func isShown(after wait: Duration) -> [Bool] {
            ofKernel.map { !lines($0, hasPeers: true, after: wait).isEmpty }
        }
        #expect(lines("aifw_helper_up") == ["aifw_helper_up 0"])
        #expect(!isShown(after: .zero).contains(true))
        _ = try observe([(.up, [try Self.peer("a", handshake: 1_800_000_000)])])
        #expect(lines("aifw_helper_up", after: .seconds(29)) == ["aifw_helper_up 1"])
        #expect(!isShown(after: .seconds(29)).contains(false))
        #expect(lines("aifw_helper_up", after: .seconds(31)) == ["aifw_helper_up 0"])
        #expect(!isShown(after: .seconds(31)).contains(true))
        #expect(lines("aifw_build_info", after: .seconds(31)) == [#"aifw_build_info{version="\#(Apid.version)"} 1"#])
        #expect(lines("aifw_store_waiting_writes") == ["aifw_store_waiting_writes 3"])
    }

    @Test func `a reading that fails takes the one before with it, until the next`() throws {
        _ = try observe([(.up, [])])
        monitoring.forget()
        #expect(lines("aifw_helper_up") == ["aifw_helper_up 0"] && lines("aifw_tunnels").isEmpty)
        _ = try observe([(.up, [])])
        #expect(lines("aifw_helper_up") == ["aifw_helper_up 1"] && !lines("aifw_tunnels").isEmpty)
    }

    @Test func `all states are counted, those that nobody is in as well`() throws {
        _ = try observe([
            (.up, [try Self.peer("a"), try Self.peer("b", .disabled)]), (.up, []), (.error("missing"), []),
        ])
        #expect(
            lines("aifw_tunnels") == [
                #"aifw_tunnels{status="down"} 0"#, #"aifw_tunnels{status="error"} 1"#,
                #"aifw_tunnels{status="up"} 2"#,
            ])
        #expect(lines("aifw_associations").map { $0.suffix(2) } == [" 0", " 0", " 0"])
        let counts = [("disabled", 1), ("expired", 0), ("never", 0), ("online", 1), ("stale", 0)]
        #expect(lines("aifw_peers") == counts.map { #"aifw_peers{state="\#($0)"} \#($1)"# })
    }

    @Test func `a tunnel has what the ledger says, its name, and its youngest handshake if there is one`() throws {
        let records = try observe([
            (.up, [try Self.peer("a", handshake: 1_800_000_007, 10, 1), try Self.peer("b", handshake: 9, 5, 2)]),
            (.down, [try Self.peer("c")]),
        ])
        let labels = records.map { #"interface="\#($0.interface)",tunnel="\#($0.id)""# }
        #expect(
            lines("aifw_receive_bytes_total") == [
                "aifw_receive_bytes_total{\(labels[0])} 15", "aifw_receive_bytes_total{\(labels[1])} 0",
            ])
        #expect(
            lines("aifw_transmit_bytes_total") == [
                "aifw_transmit_bytes_total{\(labels[0])} 3", "aifw_transmit_bytes_total{\(labels[1])} 0",
            ])
        #expect(
            lines("aifw_latest") == ["aifw_latest_handshake_timestamp_seconds{\(labels[0])} 1800000007"])
        #expect(lines("aifw_tunnel_info")[1] == #"aifw_tunnel_info{\#(labels[1]),name="office 1"} 1"#)
    }

    @Test func `peers have series when asked for, whatever they are called`() throws {
        let peer = try Self.peer(#"a"\{}"#, handshake: 77, 10, 20)
        _ = try observe([(.up, [peer, try Self.peer("new")])])
        #expect(lines("aifw_peer_").isEmpty && lines("aifw_peers_left_out").isEmpty)
        let labels = #"interface="wg0",peer="\#(peer.id)""#
        #expect(lines("aifw_peer_info", hasPeers: true)[0] == #"aifw_peer_info{\#(labels),name="a\"\\{}"} 1"#)
        #expect(lines("aifw_peer_receive", hasPeers: true)[0] == "aifw_peer_receive_bytes_total{\(labels)} 10")
        #expect(lines("aifw_peer_transmit", hasPeers: true)[0] == "aifw_peer_transmit_bytes_total{\(labels)} 20")
        #expect(
            lines("aifw_peer_latest", hasPeers: true) == [
                "aifw_peer_latest_handshake_timestamp_seconds{\(labels)} 77"
            ])
        #expect(lines("aifw_peers_left_out", hasPeers: true) == ["aifw_peers_left_out 0"])
    }

    @Test func `beyond a thousand peers it is said how many have no series, and totals have them all`() throws {
        let many = try (0..<600).map { try Self.peer("p\($0)", handshake: 1, 1) }
        let more = try (0..<500).map { try Self.peer("q\($0)", handshake: 2_000, 1) }
        _ = try observe([(.up, many), (.up, more)])
        for name in ["info", "receive_bytes_total", "transmit_bytes_total", "latest_handshake_timestamp_seconds"] {
            #expect(lines("aifw_peer_\(name){", hasPeers: true).count == 1000)
        }
        #expect(lines("aifw_peers_left_out", hasPeers: true) == ["aifw_peers_left_out 100"])
        #expect(lines("aifw_peers{state=\"online\"}") == ["aifw_peers{state=\"online\"} 1100"])
        #expect(lines("aifw_receive_bytes_total").map { $0.suffix(4) } == [" 600", " 500"])
    }
}
