import Testing
import Wire

@testable import aifw_apid

@Suite struct WireGuardQuickFileTests {
    static let key = "OCNnC2lNsFJvvnFWjUXTNwmEXmIBgBhMSCvXrqxOUnE="
    static let peer = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    static let other = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
    /// A search domain that might as well be a key without its equals sign.
    private static let keyLikeDomain = String(repeating: "k", count: 43)
    private static let head = "[Interface]\nPrivateKey = \(key)\nAddress = 10.0.0.1/24\n"

    static func read(_ text: String, peerLimit: Int = WireGuardQuickFile.peerLimit) -> WireGuardQuickFile.Reading {
        Array(text.utf8).withUnsafeBytes { WireGuardQuickFile.read($0, peerLimit: peerLimit) }
    }

    /// The faults as `line: words`, in their order.
    private static func faults(_ text: String) -> [String] {
        read(text).faults.list.map { "\($0.line.map(String.init) ?? "-"): \($0.words)" }
    }

    @Test func `every key that is kept is read, whatever its case and the blanks around it`() throws {
        let reading = Self.read(
            """
            \u{FEFF}# the office
            [interface]\r
              privatekey=\(Self.key)   # ours
            ADDRESS = 10.0.0.1/24 , fd00::1/64
            Address = 192.168.9.1
            ListenPort = 51900
            DNS = 10.0.0.1, office.example
            MTU\t=\t1380
            FwMark = 0xCA6C
            [PEER]
            PublicKey = \(Self.peer)
            PresharedKey = \(Self.other)
            AllowedIPs = 10.0.0.2, fd00::2/128
            AllowedIPs = 192.168.7.0/24
            Endpoint = vpn.example.org:51820
            PersistentKeepalive = 25
            """)
        #expect(reading.faults.list == [] && reading.warnings.list == [])
        let file = try #require(reading.file)
        #expect(file.privateKey.line == 3 && PublicKey(of: file.privateKey.value) != nil)
        #expect(file.address.value.description == "10.0.0.1/24, fd00::1/64, 192.168.9.1/32")
        #expect(file.listenPort?.value.rawValue == 51900 && file.listenPort?.line == 6)
        #expect(file.dns?.value.description == "10.0.0.1, office.example")
        #expect(file.mtu?.rawValue == 1380 && file.mark?.rawValue == 0xCA6C)
        let peer = try #require(file.peers.first)
        #expect(file.peers.count == 1 && peer.line == 10 && peer.publicKey.value.description == Self.peer)
        #expect(peer.presharedKey?.json == .text(Self.other))
        #expect(peer.allowedIPs.value.description == "10.0.0.2/32, fd00::2/128, 192.168.7.0/24")
        #expect(peer.endpoint?.description == "vpn.example.org:51820" && peer.keepalive?.rawValue == 25)
    }

    @Test func `what means nothing, in the ways of wg, is nothing`() throws {
        let file = try #require(
            Self.read(
                Self.head + "ListenPort = 0\nFwMark = off\n[Peer]\nPublicKey=\(Self.peer)\nAllowedIPs=0.0.0.0/0\n"
                    + "PersistentKeepalive = off"
            ).file)
        #expect(file.listenPort == nil && file.mark?.rawValue == 0 && file.peers[0].keepalive?.rawValue == 0)
    }

    @Test func `hooks, Table and SaveConfig are dropped, each with its line and without its value`() throws {
        let reading = Self.read(
            Self.head + "PostUp = curl -u admin:s3cret http://x\nPostUp = b\nPreUp=a\nPreDown=a\nPostDown=a\n"
                + "Table = off\nSaveConfig = true\n")
        #expect(reading.file != nil)
        #expect(reading.warnings.list.map(\.line) == [4, 5, 6, 7, 8, 9, 10])
        #expect(reading.warnings.list[0].words == "PostUp is dropped: no command of a file is ever run here")
        #expect(!"\(reading.warnings)".contains("s3cret"))
    }

    @Test(arguments: [
        ("", ["-: has no [Interface] section"]),
        ("[Interface]\n", ["1: [Interface] needs a PrivateKey", "1: [Interface] needs an Address"]),
        ("PrivateKey = \(key)\n" + head, ["1: PrivateKey stands before any section"]),
        (head + "[Peer]\n", ["4: [Peer] needs a PublicKey", "4: [Peer] needs AllowedIPs"]),
        (
            head + "Address = 10.1. 0.1/24",
            ["4: Address must be an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1, not \"10.1. 0.1\""]
        ),
        (head + "MTU = 70000", ["4: MTU must be from 576 to 65535, not 70000"]),
        (head + "MTU = 1e3", ["4: MTU must be a whole number"]),
        (head + "MTU =", ["4: MTU must be a whole number"]),
        (head + "Address = fd00::1/64\nMTU = 1000", ["5: MTU must be at least 1280, for there is an IPv6 address"]),
        (head + "Address = 10.0.0.7/24", ["3: Address has networks that overlap: 10.0.0.1/24 and 10.0.0.7/24"]),
        (head + "DNS = ", ["4: DNS must have a value"]),
        (head + "DNS = größe.example", ["4: DNS must be ASCII"]),
        (head + "ListenPort = 1\nListenPort = 2", ["5: ListenPort is given twice; the first one is in line 4"]),
        (head + "Endpoint = a:1", ["4: Endpoint belongs into [Peer]"]),
        (
            head + "[Peer]\nMTU = 1",
            ["4: [Peer] needs a PublicKey", "4: [Peer] needs AllowedIPs", "5: MTU belongs into [Interface]"]
        ),
        (head + "Jc = 4", ["4: Jc is not known here"]),
        (head + "\(key)", ["4: has a key that is not known here"]),
        (head + "nonsense", ["4: is neither a section, nor a key with a value, nor a comment"]),
        (head + head, ["4: is a second [Interface]; the first one is in line 1"]),
        (
            head + "[Pear]\nPublicKey = x\n",
            ["4: begins a section that is not known here; there are [Interface] and [Peer]"]
        ),
        (head + "# a\u{1B}[2J", ["4: has a control character"]),
        (head + "DNS = 10.0.0.1\rPostUp = x", ["4: has a control character"]),
        (head + "DNS = 10.0.0.1\u{0}", ["4: has a control character"]),
        (
            head + "FwMark = -1",
            ["4: FwMark must be a number from 0 to 4294967295, or such a number as 0x text, not \"-1\""]
        ),
        (head + "DNS = \(key)", ["4: DNS has a value that looks like a key, which does not belong there"]),
        (
            head + "DNS = \(keyLikeDomain)\nDNS = \(keyLikeDomain)",
            ["4: DNS has a value that looks like a key, which does not belong there"]
        ),
    ])
    func `what is wrong is said with its line`(text: String, said: [String]) {
        #expect(Self.faults(text) == said)
        #expect(Self.read(text).file == nil)
    }

    @Test func `all faults are told at once, and no key is in them`() {
        let said = Self.faults(
            "[Interface]\nPrivateKey = \(Self.key)x\nAddress = 10.0.0.0/24\n[Peer]\nPublicKey = \(Self.key.dropLast())\n"
                + "PresharedKey = \(Self.key)=\nAllowedIPs = 10.0.0.9/24\nEndpoint = nowhere\nPersistentKeepalive = 70000"
        )
        #expect(said.map { $0.prefix { $0 != " " } } == ["2:", "3:", "5:", "6:", "7:", "8:", "9:"])
        #expect(!"\(said)".contains(Self.key.dropLast()))
    }

    @Test func `a file, a line and the peers have a limit each`() {
        #expect(
            Self.faults(String(repeating: "#", count: WireGuardQuickFile.limit + 1)) == [
                "-: may have 4194304 bytes at most"
            ])
        #expect(
            Self.faults(Self.head + "#" + String(repeating: "x", count: WireGuardQuickFile.lineLimit)) == [
                "4: may have 16384 bytes at most"
            ])
        let peers = (2...4).map { "[Peer]\nPublicKey = \(PublicKey.random())\nAllowedIPs = 10.0.0.\($0)\n" }.joined()
        #expect(Self.read(Self.head + peers, peerLimit: 3).file?.peers.count == 3)
        #expect(
            Self.read(Self.head + peers, peerLimit: 2).faults.list.map(\.words) == [
                "is one peer more than can be imported at once: 10000"
            ])
        let many = Self.read(Self.head + String(repeating: "x\n", count: 100_000))
        #expect(many.faults.list.count == WireGuardQuickFile.faultLimit && many.faults.isFull)
    }

    @Test func `peers must differ, from each other and from the tunnel`() throws {
        let private1 = try #require(Self.read(Self.head).file?.privateKey.value)
        let own = try #require(PublicKey(of: private1))
        let file = try #require(
            Self.read(
                Self.head
                    + [
                        "[Peer]\nPublicKey=\(own)\nAllowedIPs=10.0.0.2",
                        "[Peer]\nPublicKey=\(Self.peer)\nAllowedIPs=10.0.0.3, 10.0.0.1",
                        "[Peer]\nPublicKey=\(Self.peer)\nAllowedIPs=10.0.0.2, 10.0.0.255, 10.9.0.0/16",
                        "[Peer]\nPublicKey=\(Self.other)\nAllowedIPs=10.9.9.0/24",
                    ].joined(separator: "\n")
            ).file)
        #expect(
            file.faults(with: own).list.map { "\($0.line ?? 0): \($0.words)" } == [
                "5: PublicKey is that of the tunnel itself",
                "9: AllowedIPs must be a peer's: 10.0.0.1/32 is the tunnel's own",
                "11: PublicKey is that of the peer in line 7 too",
                "12: AllowedIPs has 10.0.0.2/32, which is that of the peer in line 4 too",
                "12: AllowedIPs must be a peer's: 10.0.0.255/32 is no host's",
            ])
        #expect(file.nestedPeers == [2, 3])
    }

    @Test func `a private key has the public key that wg pubkey says`() throws {
        // RFC 7748, section 6.1: Alice's.
        let key = try SecretKey(json: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=")
        #expect(PublicKey(of: key)?.description == "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=")
    }
}
