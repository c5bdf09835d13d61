import CLinux
import Testing
import Wire

@testable import KernelMessages

/// Which address a host is said to send from.
struct DefaultSourceTests {
    private func route(
        _ destination: String, metric: UInt32 = 0, index: Int32? = 2, gateway: String? = nil, source: String? = nil
    ) throws -> Route {
        Route(
            destination: try Prefix(destination), routeProtocol: 3, index: index,
            gateway: try gateway.map { try IPAddress($0) }, source: try source.map { try IPAddress($0) }, metric: metric
        )
    }

    private func address(_ text: String, index: Int32 = 2, scope: UInt8 = 0, flags: Int32 = 0) throws -> LinkAddress {
        let address = try InterfaceAddress(text)
        return LinkAddress(index: index, address: address, peer: address.address, scope: scope, flags: UInt32(flags))
    }

    @Test func `the source that is set on the route wins`() throws {
        let routes = [try route("0.0.0.0/0", source: "192.0.2.9")]
        #expect(DefaultSource.choose(from: routes, [try address("192.0.2.1/24")])?.description == "192.0.2.9")
    }

    @Test func `the route of the lowest metric counts`() throws {
        let routes = [
            try route("0.0.0.0/0", metric: 100, index: 2), try route("0.0.0.0/0", metric: 50, index: 3),
            try route("10.0.0.0/8", index: 4),
        ]
        let addresses = [
            try address("192.0.2.1/24", index: 2), try address("198.51.100.1/24", index: 3),
            try address("10.0.0.1/8", index: 4),
        ]
        #expect(DefaultSource.choose(from: routes, addresses)?.description == "198.51.100.1")
    }

    @Test func `of several addresses the one in the gateway's network is taken, else the first`() throws {
        let addresses = [try address("203.0.113.1/24"), try address("192.0.2.1/24")]
        let near = [try route("0.0.0.0/0", gateway: "192.0.2.254")]
        #expect(DefaultSource.choose(from: near, addresses)?.description == "192.0.2.1")
        let far = [try route("0.0.0.0/0", gateway: "10.1.1.1")]
        #expect(DefaultSource.choose(from: far, addresses)?.description == "203.0.113.1")
    }

    @Test func `link-local, deprecated and temporary IPv6 addresses are passed over`() throws {
        let routes = [try route("::/0", gateway: "fe80::1")]
        let addresses = [
            try address("fe80::2/64", scope: 253), try address("2001:db8::1/64", flags: IFA_F_TEMPORARY),
            try address("2001:db8::2/64", flags: IFA_F_DEPRECATED), try address("2001:db8::3/64"),
        ]
        #expect(DefaultSource.choose(from: routes, addresses)?.description == "2001:db8::3")
    }

    @Test func `a secondary IPv4 address may be a source`() throws {
        let routes = [try route("0.0.0.0/0")]
        let addresses = [try address("192.0.2.1/24", flags: IFA_F_SECONDARY)]
        #expect(DefaultSource.choose(from: routes, addresses)?.description == "192.0.2.1")
    }

    @Test func `without a default route, or with one that leads nowhere, there is none`() throws {
        let addresses = [try address("192.0.2.1/24")]
        #expect(DefaultSource.choose(from: [try route("10.0.0.0/8")], addresses) == nil)
        #expect(DefaultSource.choose(from: [try route("0.0.0.0/0", index: nil)], addresses) == nil)
    }
}
