import Wire

@testable import KernelMessages

/// What both kinds of WireGuard report: it must reach the API daemon as it was read.
enum Readings {
    static func same(_ device: DeviceState, _ peers: [PeerState]) {
        let link = TunnelState(
            index: 1, isUp: true, mtu: 1420, addresses: [], publicKey: device.publicKey,
            listenPort: device.listenPort, mark: device.mark)
        let answer = ReadTunnel.Answer(link: link, peers: peers, more: false)
        let frame = Checks.must("a reading is written") { try Reply<ReadTunnel>.answer(answer).frame() }
        let reply = Checks.must("a written reading is read") {
            try Reply<ReadTunnel>(frame: frame.withUnsafeBytes { Bytes($0.dropFirst(Frame.headerLength)) })
        }
        guard case .answer(let again) = reply else { Checks.fail("a reading is an answer") }
        Checks.require(again.link == link, "an interface that was reported is the same")
        Checks.require(again.peers.count == peers.count, "no peer is lost")
        for (left, right) in zip(peers, again.peers) {
            // Counters are held at the most that a number of JSON has.
            Checks.require(
                right == left || max(left.received, left.sent, left.latestHandshake) > UInt64(Int64.max),
                "a peer that was reported is the same")
        }
    }
}
