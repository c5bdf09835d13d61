import Foundation
import Testing
import Wire

@testable import KernelMessages

/// What is written to a wireguard-go, and what is made of its answers.
struct UserspaceProtocolTests {
    private static let zeros = String(repeating: "00", count: 32)
    private static let ones = String(repeating: "01", count: 32)

    private func key(_ byte: UInt8) throws -> SecretKey {
        try #require(SecretKey(Bytes([UInt8](repeating: byte, count: 32))))
    }

    private func text(_ configuration: UserspaceConfiguration) -> String {
        configuration.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Writing

    @Test func `a device's change names only what changes, the port first and the key last`() throws {
        let port = DeviceChange(listenPort: try Port(51820))
        #expect(text(UserspaceConfiguration(port)) == "set=1\nlisten_port=51820\n\n")
        let all = DeviceChange(privateKey: try key(1), listenPort: try Port(1), mark: try FirewallMark(0))
        #expect(
            text(UserspaceConfiguration(all)) == "set=1\nlisten_port=1\nfwmark=0\nprivate_key=\(Self.ones)\n\n")
    }

    @Test func `a peer's change leaves out what stays and says what is cleared`() throws {
        let public1 = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        let kept = PeersChange.Peer(
            publicKey: public1, presharedKey: .none, endpoint: nil, allowedIPs: nil, keepalive: nil)
        #expect(text(UserspaceConfiguration(PeersChange(set: [kept]))) == "set=1\npublic_key=\(Self.ones)\n\n")
        let cleared = PeersChange.Peer(
            publicKey: public1, presharedKey: .some(nil), endpoint: nil, allowedIPs: [], keepalive: try Keepalive(0))
        #expect(
            text(UserspaceConfiguration(PeersChange(set: [cleared]))) == """
                set=1
                public_key=\(Self.ones)
                preshared_key=\(Self.zeros)
                persistent_keepalive_interval=0
                replace_allowed_ips=true


                """)
    }

    @Test func `peers that go come before peers that are set`() throws {
        let public1 = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        let set = PeersChange.Peer(
            publicKey: public1, presharedKey: try key(0xAB), endpoint: try Endpoint("[2001:db8::1]:7"),
            allowedIPs: [try Prefix("10.0.0.0/8"), try Prefix("::/0")], keepalive: nil)
        #expect(
            text(UserspaceConfiguration(PeersChange(remove: [public1], set: [set]))) == """
                set=1
                public_key=\(Self.ones)
                remove=true
                public_key=\(Self.ones)
                preshared_key=\(String(repeating: "ab", count: 32))
                endpoint=[2001:db8::1]:7
                replace_allowed_ips=true
                allowed_ip=10.0.0.0/8
                allowed_ip=::/0


                """)
    }

    // MARK: Reading

    /// Stands for the vault's: the same bytes.
    private static func publicKey(of key: SecretKey) throws(Refusal) -> PublicKey {
        guard let key = key.withUnsafeBytes({ PublicKey(bytes: $0) }) else { throw UserspaceAnswer.malformed }
        return key
    }

    private func read(_ lines: [String]) throws -> (device: DeviceState?, peers: [PeerState]) {
        var reading = UserspaceReading(publicKey: Self.publicKey)
        var device: DeviceState?
        var peers: [PeerState] = []
        for line in lines {
            try Array(line.utf8).withUnsafeBytes { line in
                try reading.take(
                    line, fingerprint: plainFingerprint, device: { device = $0 }, peer: { peers.append($0) })
            }
        }
        try reading.finish(device: { device = $0 }, peer: { peers.append($0) })
        return (device, peers)
    }

    @Test func `a whole answer is read`() throws {
        let (device, peers) = try read([
            "private_key=\(Self.ones)", "listen_port=51820", "fwmark=7",
            "public_key=\(String(repeating: "02", count: 32))", "preshared_key=\(Self.ones)", "protocol_version=1",
            "endpoint=192.0.2.1:5", "last_handshake_time_sec=1700000000", "last_handshake_time_nsec=5", "tx_bytes=11",
            "rx_bytes=12", "persistent_keepalive_interval=25", "allowed_ip=10.0.0.2/32", "allowed_ip=fd00::/64",
            "public_key=\(String(repeating: "03", count: 32))", "preshared_key=\(Self.zeros)",
            "endpoint=[fe80::1%eth0]:9", "some_later_key=whatever",
        ])
        #expect(try device?.publicKey == Self.publicKey(of: key(1)))
        #expect(device?.listenPort?.rawValue == 51820)
        #expect(device?.mark.rawValue == 7)
        #expect(peers.count == 2)
        #expect(peers[0].presharedKey == SecretFingerprint(bytes: [UInt8](repeating: 1, count: 16)))
        #expect(peers[0].endpoint?.description == "192.0.2.1:5")
        #expect(peers[0].latestHandshake == 1_700_000_000)
        #expect(peers[0].sent == 11)
        #expect(peers[0].received == 12)
        #expect(peers[0].keepalive.rawValue == 25)
        #expect(peers[0].allowedIPs.map(\.description) == ["10.0.0.2/32", "fd00::/64"])
        #expect(peers[1].presharedKey == nil)
        #expect(peers[1].endpoint?.description == "[fe80::1]:9")
    }

    @Test func `a device without anything set is read as such`() throws {
        let (device, peers) = try read([])
        #expect(device == DeviceState())
        #expect(peers.isEmpty)
    }

    @Test(arguments: [
        "no equals sign", "private_key=", "private_key=zz", "private_key=0", "fwmark=-1", "fwmark=4294967296",
        "fwmark=",
        "listen_port=x", "public_key=00", "public_key=\(zeros)0",
        "public_key=\(zeros)",
    ])
    func `a line of the device that is wrong ends the reading`(line: String) {
        #expect(throws: UserspaceAnswer.malformed) { try read([line]) }
    }

    @Test(arguments: [
        "preshared_key=00", "rx_bytes=", "rx_bytes=-1", "rx_bytes=18446744073709551616", "tx_bytes=1e3",
        "last_handshake_time_sec=0x1", "persistent_keepalive_interval=65536", "allowed_ip=10.0.0.1/8",
        "allowed_ip=10.0.0.0/33", "allowed_ip=\(String(repeating: "1", count: 100))", "",
    ])
    func `a line of a peer that is wrong ends the reading`(line: String) {
        #expect(throws: UserspaceAnswer.malformed) { try read(["public_key=\(Self.ones)", line]) }
    }

    @Test func `no more allowed IPs are kept of a peer than a frame can carry`() throws {
        let prefixes = (0..<PeerDraft.prefixLimit + 10).map { "allowed_ip=10.\($0 >> 8 & 255).\($0 & 255).0/24" }
        #expect(try read(["public_key=\(Self.ones)"] + prefixes).peers[0].allowedIPs.count == PeerDraft.prefixLimit)
    }
}
