import Testing
import Wire

@testable import aifw_apid

@Suite struct PeerNamesTests {
    private static func names(_ sections: String) -> [String] {
        var text = "# the server\n[Interface]\nPrivateKey = \(WireGuardQuickFileTests.key)\nAddress = 10.0.0.1/16\n"
        text += sections.replacing("KEYS", with: "PublicKey = KEY\nAllowedIPs = IPS")
        var number = 1
        while let place = text.firstRange(of: "KEY\n") {
            number += 1
            text.replaceSubrange(place, with: "\(PublicKey.random())\n")
            guard let prefix = text.firstRange(of: "IPS") else { break }
            text.replaceSubrange(prefix, with: "10.0.0.\(number)")
        }
        let reading = WireGuardQuickFileTests.read(text)
        #expect(reading.faults.list == [], "\(text)")
        return reading.file?.peers.map(\.name.description) ?? []
    }

    @Test(arguments: [
        ("[Peer]\nKEYS\n", ["peer 1"]),
        ("# laptop\n[Peer]\nKEYS\n", ["laptop"]),
        ("[Peer]\n# laptop\nKEYS\n", ["laptop"]),
        ("[Peer]\n# Name = Käthe's phone\nKEYS\n", ["Käthe's phone"]),
        ("# a phone\n[Peer]\n# friendly_name = phone\nKEYS\n", ["phone"]),
        ("[Peer]\n#+Alias = phone\nKEYS\n", ["phone"]),
        ("### Client alice\n[Peer]\nKEYS\n\n### Client bob\n[Peer]\nKEYS", ["alice", "bob"]),
        ("# client 7\n[Peer]\nKEYS\n", ["client 7"]),
        ("# Client: eve (5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10)\n[Peer]\nKEYS\n", ["eve"]),
        (
            "# BEGIN_PEER a\n[Peer]\nKEYS\n# END_PEER a\n# BEGIN_PEER b\n[Peer]\nKEYS\n# END_PEER b\n",
            ["a", "b"]
        ),
        ("### begin a ###\n[Peer]\nKEYS\n### end a ###\n[Peer]\nKEYS", ["a", "peer 2"]),
        // A setting that is commented out, a key, a line that is nobody's, more than a name can be.
        ("[Peer]\n# PersistentKeepalive = 25\nKEYS\n", ["peer 1"]),
        ("[Peer]\n# \(WireGuardQuickFileTests.key)\nKEYS\n", ["peer 1"]),
        ("# PrivateKey: \(WireGuardQuickFileTests.key)\n[Peer]\nKEYS\n", ["peer 1"]),
        ("# The peers:\n\n[Peer]\nKEYS\n", ["peer 1"]),
        ("[Peer]\nKEYS\n\n# laptop\n\n[Peer]\nKEYS\n", ["peer 1", "peer 2"]),
        ("# \(String(repeating: "long ", count: 20))\n[Peer]\nKEYS\n", ["peer 1"]),
        ("# a\u{202E}b\n[Peer]\nKEYS\n", ["peer 1"]),
        ("#\n# #\n[Peer]\nKEYS\n", ["peer 1"]),
        // None comes twice.
        ("# a\n[Peer]\nKEYS\n# a\n[Peer]\nKEYS\n# a 2\n[Peer]\nKEYS\n", ["a", "a 2", "a 2 2"]),
        ("# peer 2\n[Peer]\nKEYS\n[Peer]\nKEYS\n", ["peer 2", "peer 2 2"]),
    ])
    func `a peer is called what a comment calls it`(sections: String, names: [String]) {
        #expect(Self.names(sections) == names)
    }

    @Test func `a name that is as long as one can be has room for a number`() {
        let name = String(repeating: "ab ", count: 21) + "c"
        let names = Self.names("# \(name)\n[Peer]\nKEYS\n# \(name)\n[Peer]\nKEYS\n")
        #expect(names == [name, String(name.prefix(58)) + " 2"])
    }
}
