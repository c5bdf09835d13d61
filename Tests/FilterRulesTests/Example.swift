import Wire

/// Rules with fixed ids, one and more of each kind.
enum Example {
    static let tunnel = id("11111111-1111-4111-8111-111111111111")
    static let association = id("22222222-2222-4222-8222-222222222222")

    static func id(_ text: String) -> ObjectID { value { () throws(ValueError) in try ObjectID(text) } }
    static func address(_ text: String) -> IPAddress { value { () throws(ValueError) in try IPAddress(text) } }
    static func prefix(_ text: String) -> Prefix { value { () throws(ValueError) in try Prefix(text) } }

    /// What is written in a test is right.
    static func value<Value>(_ body: () throws(ValueError) -> Value) -> Value {
        do { return try body() } catch { preconditionFailure("\(error)") }
    }

    static func listen(_ port: Int, on interface: String? = nil, owner: ObjectID = tunnel) -> PassRule {
        .listenPort(
            owner: owner, port: value { () throws(ValueError) in try Port(port) },
            on: interface.map { name in value { () throws(ValueError) in try InterfaceName(name) } })
    }

    static func traffic(_ number: Int, owner: ObjectID = tunnel) -> PassRule {
        .tunnelTraffic(owner: owner, on: value { () throws(ValueError) in try TunnelInterface(number: number) })
    }

    static func packets(
        _ packets: IPsecProtocol, _ local: String = "203.0.113.1", _ remote: String = "198.51.100.1",
        owner: ObjectID = association
    ) -> PassRule {
        .protectedPackets(owner: owner, packets, local: address(local), remote: address(remote))
    }

    static func ike(
        _ local: String = "203.0.113.1", _ remote: String = "198.51.100.1", owner: ObjectID = association
    ) -> PassRule {
        .keyExchange(owner: owner, local: address(local), remote: address(remote))
    }

    static func inner(
        _ number: UInt32 = 1, _ local: String = "10.1.0.0/16", _ remote: String = "10.2.0.0/16",
        owner: ObjectID = association
    ) -> PassRule {
        .innerTraffic(
            owner: owner, number: AssociationNumber(validated: number), local: prefix(local), remote: prefix(remote))
    }

    static func masquerade(_ network: String, on number: Int = 0, owner: ObjectID = tunnel) -> PassRule {
        .masquerade(
            owner: owner, network: prefix(network),
            on: value { () throws(ValueError) in try TunnelInterface(number: number) })
    }

    /// A tunnel with and one without an interface to listen on, an association of each family.
    static let rules: [PassRule] = [
        listen(51820), traffic(0), listen(51821, on: "eth0.100"), traffic(9999), packets(.esp), packets(.ah), ike(),
        inner(), packets(.esp, "2001:db8::1", "2001:db8:ffff::2"), ike("2001:db8::1", "2001:db8:ffff::2"),
        inner(0xFF_FFFF, "2001:db8:1::/48", "::/0"), masquerade("10.0.0.0/24"), masquerade("fd00::/64", on: 9999),
    ]

    /// The longest text that any field can have.
    static let longest = [
        "2001:db8:1111:2222:3333:4444:5555:6666", "fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
}
