import Testing
import Wire

/// The words are those that a user of the API reads behind the name of the field.
struct NetworkPolicyTests {
    private let policy = NetworkPolicy.standard

    @Test(arguments: ["10.0.0.0/8", "192.0.2.1/32", "100.64.0.0/10", "2001::/16", "fd00::/64", "2001:db8::1/128"])
    func `A route that leaves the host its own traffic is accepted`(text: String) throws {
        #expect(policy.objection(to: try Prefix(text), as: .routes) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0/0", "must not be wider than /8, the widest that is taken: 0.0.0.0/0"),
        ("128.0.0.0/1", "must not be wider than /8, the widest that is taken: 128.0.0.0/1"),
        ("8000::/1", "must not be wider than /16, the widest that is taken: 8000::/1"),
        ("127.0.0.1/32", "must not overlap 127.0.0.0/8, loopback (RFC 1122): 127.0.0.1/32"),
        ("169.0.0.0/8", "must not overlap 169.254.0.0/16, link-local (RFC 3927): 169.0.0.0/8"),
        ("224.0.0.5/32", "must not overlap 224.0.0.0/4, multicast (RFC 5771): 224.0.0.5/32"),
        ("240.0.0.0/8", "must not overlap 240.0.0.0/4, reserved (RFC 1112): 240.0.0.0/8"),
        ("0.0.0.0/8", "must not overlap 0.0.0.0/8, this host (RFC 1122): 0.0.0.0/8"),
        ("::1/128", "must not overlap ::/127, the unspecified and the loopback address (RFC 4291): ::1/128"),
        ("::ffff:0:0/96", "must not overlap ::ffff:0:0/96, IPv4-mapped (RFC 4291): ::ffff:0:0/96"),
        ("fe80::/64", "must not overlap fe80::/10, link-local (RFC 4291): fe80::/64"),
        ("ff02::5/128", "must not overlap ff00::/8, multicast (RFC 4291): ff02::5/128"),
    ])
    func `A route that would take the host's own traffic is refused`(text: String, words: String) throws {
        #expect(policy.objection(to: try Prefix(text), as: .routes) == words)
    }

    @Test(arguments: [
        ("10.0.0.1/8", nil), ("fd00::1/64", nil),
        ("0.0.0.0/32", "must be a unicast address, not 0.0.0.0/32"),
        ("239.1.1.1/32", "must be a unicast address, not 239.1.1.1/32"),
        ("10.0.0.1/7", "must not be wider than /8, the widest that is taken: 10.0.0.1/7"),
        ("127.0.0.1/8", "must not overlap 127.0.0.0/8, loopback (RFC 1122): 127.0.0.1/8"),
        ("169.0.0.1/8", "must not overlap 169.254.0.0/16, link-local (RFC 3927): 169.0.0.1/8"),
    ])
    func `An interface's address is judged with its network`(text: String, words: String?) throws {
        #expect(policy.objection(toAddress: try InterfaceAddress(text)) == words)
    }

    @Test(arguments: [
        ("192.0.2.1:1", nil), ("[2001:db8::1]:1", nil), ("127.0.0.1:1", nil), ("[fe80::1]:1", nil),
        ("0.0.0.0:1", "must be an address that one host can have, not 0.0.0.0"),
        ("[ff02::1]:1", "must be an address that one host can have, not ff02::1"),
        ("[::ffff:192.0.2.1]:1", "must be an IPv4 address in its own form, not IPv4-mapped: ::ffff:c000:201"),
    ])
    func `An endpoint is an address that can be sent to`(text: String, words: String?) throws {
        #expect(NetworkPolicy.objection(toEndpoint: try Endpoint(text)) == words)
    }
}
