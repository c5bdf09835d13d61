import Testing
import Wire

@testable import aifw_apid

@Suite struct ClientConfigurationTests {
    @Test func `a full tunnel takes everything, IPv6 only where the tunnel has it`() throws {
        #expect(
            try text(.full) == """
                [Interface]
                PrivateKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=
                Address = 10.0.0.2/32
                MTU = 1420

                [Peer]
                PublicKey = BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
                Endpoint = 192.0.2.1:51820
                AllowedIPs = 0.0.0.0/0

                """)
        #expect(try text(.full, address: "fd00::1/64", allowed: "fd00::2").contains("AllowedIPs = 0.0.0.0/0, ::/0\n"))
    }

    @Test func `everything that is set is in it`() throws {
        let written = try text(
            .split, address: "10.0.0.1/24, fd00::1/64", allowed: "10.0.0.2, fd00::2, 192.168.7.0/24",
            split: "172.29.0.0/16, 10.0.0.0/8", dns: "10.0.0.1, office.example", endpoint: "[2001:db8::1]:443",
            hasPresharedKey: true, keepalive: 25)
        #expect(
            written == """
                [Interface]
                PrivateKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=
                Address = 10.0.0.2/32, fd00::2/128
                DNS = 10.0.0.1, office.example
                MTU = 1420

                [Peer]
                PublicKey = BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
                PresharedKey = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=
                Endpoint = [2001:db8::1]:443
                AllowedIPs = 172.29.0.0/16, 10.0.0.0/8
                PersistentKeepalive = 25

                """)
    }

    @Test(
        arguments: [
            (nil, nil, "10.0.0.0/24, fd00::/64"), ("10.0.0.0/8", nil, "10.0.0.0/8"),
            ("10.0.0.0/8", "fd00::/8", "fd00::/8"),
        ] as [(String?, String?, String)])
    func `a split tunnel takes the peer's routes, else the tunnel's, else its networks`(
        tunnel: String?, peer: String?, routes: String
    ) throws {
        let written = try text(.split, address: "10.0.0.1/24, fd00::1/64", split: tunnel, client: peer)
        #expect(written.contains("AllowedIPs = \(routes)\n"))
    }

    @Test(
        arguments: [
            ("10.0.0.2", "10.0.0.2/32"), ("10.0.0.2, 10.0.0.9, fd00::2", "10.0.0.2/32, 10.0.0.9/32, fd00::2/128"),
            ("192.168.0.0/16, 10.0.0.2", "10.0.0.2/32"), ("172.16.0.5, 10.0.0.2", "10.0.0.2/32"),
            ("172.16.0.5", "172.16.0.5/32"), ("10.0.0.0/28", "10.0.0.2/32"),
            ("10.0.0.64/30, fd00::2", "10.0.0.65/32, fd00::2/128"),
            ("192.168.0.0/16", nil), ("0.0.0.0/0", nil),
        ] as [(String, String?)])
    func `the client's addresses are all of the peer's own`(allowed: String, addresses: String?) throws {
        let written = try text(.full, address: "10.0.0.1/24, fd00::1/64", allowed: allowed)
        let line = written.split(separator: "\n").first { $0.hasPrefix("Address") }
        #expect(line == addresses.map { "Address = \($0)" })
    }

    @Test(arguments: [
        ("laptop", "laptop.conf"), ("Anna's Laptop", "Anna-s-Laptop.conf"), ("../../etc/passwd", "etc-passwd.conf"),
        ("日本", "peer.conf"), ("a very long name of a peer", "a-very-long-nam.conf"), ("--help", "help.conf"),
        ("x=1+y_z.2", "x=1+y_z.2.conf"), ("\"; rm -rf", "rm--rf.conf"), (".conf", "conf.conf"), ("Büro", "B-ro.conf"),
        ("exactly15bytes! and", "exactly15bytes.conf"),
    ])
    func `the file's name is one that wg-quick takes`(name: String, file: String) throws {
        #expect(ConfigurationFileName(try ObjectName(name)).description == file)
    }

    private func text(
        _ extent: ClientConfiguration.Extent, address: String = "10.0.0.1/24", allowed: String = "10.0.0.2",
        split: String? = nil, client: String? = nil, dns: String? = nil, endpoint: String = "192.0.2.1",
        hasPresharedKey: Bool = false, keepalive: Int? = nil
    ) throws -> String {
        let configuration = ClientConfiguration(
            privateKey: try key(1), presharedKey: hasPresharedKey ? try key(2) : nil,
            allowedIPs: try AllowedIPs(allowed),
            clientRoutes: try client.map { try PrefixList($0) }, keepalive: try keepalive.map { try Keepalive($0) },
            tunnelKey: try #require(PublicKey(bytes: Array(repeating: 7, count: 32))),
            tunnelAddresses: try AddressList(address), splitRoutes: try split.map { try PrefixList($0) },
            dns: try dns.map { try DNSServers($0) }, mtu: .standard, endpoint: try PublicEndpoint(endpoint),
            listenPort: try Port(51820))
        return configuration.text(extent).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func key(_ byte: UInt8) throws -> SecretKey {
        try #require(SecretKey(Bytes(Array(repeating: byte, count: 32))))
    }
}
