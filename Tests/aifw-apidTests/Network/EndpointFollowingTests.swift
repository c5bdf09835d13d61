import Testing
import Wire

@testable import aifw_apid

@Suite struct `Peers with a host name` {
    private static let now = Timestamp(milliseconds: 1_800_000_000_999)
    private static let seconds: UInt64 = 1_800_000_000

    private static func state(_ handshake: UInt64) -> PeerState {
        PeerState(
            publicKey: .sample, presharedKey: nil, endpoint: nil, allowedIPs: [], keepalive: Keepalive(validated: 0),
            latestHandshake: handshake, received: 0, sent: 0)
    }

    @Test(arguments: [
        (0, true), (seconds, false), (seconds - 1, false), (seconds - 135, false), (seconds - 136, true), (1, true),
        // A clock that was set back: it has been heard of all the same.
        (seconds + 3600, false), (UInt64.max, false),
    ])
    func `one is silent that has not shaken hands for 135 seconds, or never`(handshake: UInt64, isSilent: Bool) {
        #expect(EndpointFollowing.isSilent(Self.state(handshake), at: Self.now) == isSilent)
    }

    @Test(
        arguments: [
            (["192.0.2.1"], nil, "192.0.2.1:51820"),
            (["192.0.2.1", "192.0.2.2"], nil, "192.0.2.1:51820"),
            // What is in use and still right stays, wherever in the answer it stands.
            (["192.0.2.1", "192.0.2.2"], "192.0.2.2:51820", nil),
            (["2001:db8::1", "192.0.2.2"], "192.0.2.2:51820", nil),
            (["192.0.2.3"], "192.0.2.2:51820", "192.0.2.3:51820"),
            (["2001:db8::1", "192.0.2.3"], "192.0.2.2:51820", "[2001:db8::1]:51820"),
            // The right address with another port is another place.
            (["192.0.2.1", "192.0.2.2"], "192.0.2.2:7", "192.0.2.1:51820"),
            ([], "192.0.2.2:51820", nil), ([], nil, nil),
        ] as [([String], String?, String?)])
    func `a silent one goes where its name leads, unless it is there`(
        addresses: [String], running: String?, expected: String?
    ) throws {
        let endpoint = EndpointFollowing.endpoint(
            at: try addresses.map { try IPAddress($0) }, port: try Port(51820),
            running: try running.map { try Endpoint($0) })
        #expect(endpoint?.description == expected)
    }
}
