import Testing
import Wire

@testable import aifw_apid

@Suite struct WebhookNetworksTests {
    private func objection(_ address: String, _ listed: [String]? = nil, own: [String] = []) throws -> String? {
        let own = try own.map { try IPAddress($0) }
        return try WebhookNetworks(listed: listed?.map { try Prefix($0) })
            .objection(to: IPAddress(address), isOwn: own.contains)
    }

    @Test(arguments: [
        "192.0.2.7", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "8.8.8.8", "2001:db8::1", "fd00::1",
        "::ffff:10.0.0.1", "64:ff9b::808:808", "2002:a00:1::1", "100.100.100.201",
    ])
    func `without the setting private networks may be called as public ones may`(address: String) throws {
        #expect(try objection(address) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "is loopback"), ("127.255.255.254", "is loopback"), ("::1", "loopback address"),
        ("0.0.0.0", "no one host"), ("0.1.2.3", "is this host"), ("::", "no one host"),
        ("169.254.169.254", "is link-local"), ("fe80::1", "is link-local"), ("febf::1", "is link-local"),
        ("224.0.0.1", "no one host"), ("255.255.255.255", "no one host"), ("240.0.0.1", "no one host"),
        ("ff02::1", "no one host"),
        // IPv4-mapped ones are what they map.
        ("::ffff:127.0.0.1", "is loopback"), ("::ffff:169.254.169.254", "is link-local"),
        ("::ffff:0.0.0.0", "no one host"), ("::ffff:224.0.0.1", "no one host"),
        // What a translator or a relay would make of them.
        ("64:ff9b::7f00:1", "is loopback"), ("64:ff9b::a9fe:a9fe", "is link-local"), ("2002:7f00:1::", "is loopback"),
        ("2002:a9fe:a9fe::1", "is link-local"), ("::7f00:1", "is loopback"),
        // Where clouds keep what a machine may know.
        ("168.63.129.16", "is where a cloud"), ("100.100.100.200", "is where a cloud"),
        ("fd00:ec2::254", "is where a cloud"), ("fd20:ce::254", "is where a cloud"),
        ("::ffff:168.63.129.16", "is where a cloud"),
    ])
    func `what is special is refused`(address: String, words: String) throws {
        let objection = try #require(try objection(address))
        #expect(objection.contains(words), "\(objection)")
        // A network that is merely wider names nothing special.
        #expect(try self.objection(address, ["0.0.0.0/0", "::/0"]) != nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.0/8", true), ("127.0.0.1", "127.0.0.1", true), ("127.0.0.2", "127.0.0.1", false),
        ("::ffff:127.0.0.1", "127.0.0.0/8", true), ("127.0.0.1", "::1", false), ("::1", "::1", true),
        ("169.254.10.1", "169.254.10.0/24", true), ("169.254.169.254", "169.254.10.0/24", false),
        ("168.63.129.16", "168.63.129.16", true), ("168.63.129.16", "168.63.129.0/24", false),
        ("10.1.2.3", "10.1.0.0/16", true), ("10.2.2.3", "10.1.0.0/16", false), ("8.8.8.8", "0.0.0.0/0", true),
        ("2001:db8::1", "0.0.0.0/0", false), ("0.0.0.0", "0.0.0.0/8", false), ("224.0.0.1", "224.0.0.0/4", false),
        ("64:ff9b::7f00:1", "64:ff9b::/96", false), ("64:ff9b::808:808", "64:ff9b::/96", true),
    ])
    func `with the setting only what it names may be called`(address: String, listed: String, isAllowed: Bool) throws {
        #expect(try (objection(address, [listed]) == nil) == isAllowed)
    }

    @Test func `an address of this host must be listed by itself`() throws {
        let own = ["192.0.2.7", "127.0.0.1", "2001:db8::1"]
        let words = "is an address of this host, and not in the setting webhook-networks by itself"
        for address in ["192.0.2.7", "::ffff:192.0.2.7", "64:ff9b::c000:207", "2001:db8::1"] {
            #expect(try objection(address, own: own) == words)
            #expect(try objection(address, ["192.0.2.0/24", "::/0"], own: own) == words)
        }
        #expect(try objection("192.0.2.8", own: own) == nil)
        #expect(try objection("192.0.2.7", ["192.0.2.0/24", "192.0.2.7"], own: own) == nil)
        #expect(try objection("2001:db8::1", ["2001:db8::1"], own: own) == nil)
        #expect(try objection("127.0.0.1", ["127.0.0.0/8"], own: own) == nil)
    }

    @Test func `the addresses of this host are known`() throws {
        #expect(try HostAddresses.contain(IPAddress("127.0.0.1")) && HostAddresses.contain(IPAddress("127.1.2.3")))
        // For documentation, and for measurements (RFC 5737, RFC 3849, RFC 2544).
        for address in ["203.0.113.77", "2001:db8::77", "198.18.0.77"] {
            #expect(try !HostAddresses.contain(IPAddress(address)))
        }
    }
}
