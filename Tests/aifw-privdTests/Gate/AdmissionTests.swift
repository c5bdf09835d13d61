import Testing
import Wire

@testable import aifw_privd

@Suite struct `What is added to the host` {
    private static let tunnel = Samples.object
    private var kernel = StandInKernel()

    private func apply(_ addresses: [String]?) throws -> ApplyTunnel {
        ApplyTunnel(
            tunnel: Self.tunnel, interface: try TunnelInterface("wg0"),
            addresses: try addresses?.map { try InterfaceAddress($0) })
    }

    private func apply(add: [String], remove: [String] = []) throws -> ApplyPeers {
        ApplyPeers(
            tunnel: Self.tunnel, interface: try TunnelInterface("wg0"),
            removeRoutes: try remove.map { try Prefix($0) }, addRoutes: try add.map { try Prefix($0) })
    }

    private static func limit(_ use: NetworkPolicy.Use, _ limit: Int) throws -> NetworkPolicy {
        let allowance = NetworkAllowance(limit: try NetworkAllowance.Limit(limit))
        return switch use {
        case .tunnels: NetworkPolicy(tunnels: allowance)
        case .routes: NetworkPolicy(routes: allowance)
        case .selectors: NetworkPolicy(selectors: allowance)
        }
    }

    private func refusal(_ body: () throws(Refusal) -> Void) -> Refusal? {
        do throws(Refusal) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    // MARK: The host's networks

    @Test(arguments: [
        ("192.0.2.9/28", "192.0.2.0/24"), ("192.0.0.1/16", "192.0.2.0/24"), ("2001:db8:1::9/128", "2001:db8:1::/64"),
    ])
    mutating func `An address within a network of the host is refused, unless the interface has it`(
        text: String, own: String
    ) throws {
        kernel.host = ["192.0.2.0/24", "2001:db8:1::/64"]
        let request = try apply(["10.0.0.1/24", text])
        let words = "must not overlap \(own), which this host has on an interface that is no tunnel: \(text)"
        var admission = Admission(.standard)
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                == Refusal(.policy, words, field: "addresses[1]"))
        kernel.present = ["10.0.0.1/24"]
        #expect(refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }?.message == words)
        kernel.present = [text]
        #expect(refusal { () throws(Refusal) in try admission.admit(request, to: kernel) } == nil)
        kernel.present = nil
        var allowing = Admission(NetworkPolicy(hostNetworks: .allow))
        #expect(refusal { () throws(Refusal) in try allowing.admit(request, to: kernel) } == nil)
    }

    @Test(arguments: [("192.0.2.128/25", "192.0.2.0/24"), ("2001:db8::/32", "2001:db8:1::/64")])
    mutating func `A route within a network of the host is refused, unless it is there`(
        text: String, own: String
    ) throws {
        kernel.host = ["192.0.2.0/24", "2001:db8:1::/64"]
        let request = try apply(add: ["172.16.0.0/12", text])
        let words = "must not overlap \(own), which this host has on an interface that is no tunnel: \(text)"
        var admission = Admission(.standard)
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                == Refusal(.policy, words, field: "add_routes[1]"))
        kernel.presentRoutes = [text]
        #expect(refusal { () throws(Refusal) in try admission.admit(request, to: kernel) } == nil)
        kernel.presentRoutes = []
        var allowing = Admission(NetworkPolicy(hostNetworks: .allow))
        #expect(refusal { () throws(Refusal) in try allowing.admit(request, to: kernel) } == nil)
    }

    @Test(arguments: SecurityPolicyKey.Direction.allCases)
    mutating func `A selector at the far end within a network of the host is refused, unless it is there`(
        direction: SecurityPolicyKey.Direction
    ) throws {
        kernel.host = ["192.0.2.0/24"]
        let isOut = direction == .out
        let policy = try AssociationSamples.policy(
            direction, isOut ? "192.0.2.0/24" : "192.0.2.128/25", isOut ? "192.0.2.128/25" : "192.0.2.0/24")
        let first = try AssociationSamples.policy(direction, "10.1.0.0/16", "10.2.0.0/16")
        let request = ApplyAssociations(addPolicies: [first, policy])
        let words =
            "must not overlap 192.0.2.0/24, which this host has on an interface that is no tunnel: 192.0.2.128/25"
        var admission = Admission(.standard)
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                == Refusal(.policy, words, field: "add_policies[1].\(isOut ? "destination" : "source")"))
        kernel.presentPolicies = [policy.key]
        #expect(refusal { () throws(Refusal) in try admission.admit(request, to: kernel) } == nil)
        kernel.presentPolicies = []
        var allowing = Admission(NetworkPolicy(hostNetworks: .allow))
        #expect(refusal { () throws(Refusal) in try allowing.admit(request, to: kernel) } == nil)
    }

    @Test mutating func `The far gateway may be in a network of the host, but not be the host`() throws {
        kernel.host = ["203.0.113.0/24"]
        kernel.own = ["203.0.113.9"]
        var admission = Admission(.standard)
        for mode in IPsecMode.allCases {
            let near = try AssociationSamples.policy(.out, "198.51.100.1/32", "203.0.113.2/32", mode: mode)
            try admission.admit(ApplyAssociations(addPolicies: [near]), to: kernel)
        }
        // Another host of that network is not the gateway's to speak for.
        let other = try AssociationSamples.policy(.in, "203.0.113.3/32", "198.51.100.1/32")
        #expect(
            refusal { () throws(Refusal) in try admission.admit(ApplyAssociations(addPolicies: [other]), to: kernel) }?
                .field == "add_policies[0].source")
        kernel.own = ["203.0.113.2"]
        let own = try AssociationSamples.policy(.in, "203.0.113.2/32", "198.51.100.1/32", mode: .transport)
        #expect(
            refusal { () throws(Refusal) in try admission.admit(ApplyAssociations(addPolicies: [own]), to: kernel) }
                == Refusal(.policy, "must not be an address of this host: 203.0.113.2", field: "add_policies[0].source")
        )
    }

    @Test func `A change without addresses, routes or policies asks the kernel nothing`() throws {
        var admission = Admission(.standard)
        try admission.admit(try apply(nil), to: kernel)
        try admission.admit(try apply(add: [], remove: ["10.0.0.0/8"]), to: kernel)
        let policy = try AssociationSamples.policy(.in, "10.1.0.0/16", "10.2.0.0/16")
        try admission.admit(ApplyAssociations(removePolicies: [policy.key]), to: kernel)
        #expect(kernel.record.questions.isEmpty)
    }

    // MARK: Limits

    @Test mutating func `Tunnels are counted once, and again only when the limit may be reached`() throws {
        var admission = Admission(try Self.limit(.tunnels, 3))
        kernel.tunnels = 1
        let request = try apply(["10.0.0.1/24"])
        for _ in 0..<2 { try admission.admit(request, to: kernel) }
        #expect(kernel.record.questions.filter { $0 == "tunnelCount" }.count == 1)
        kernel.tunnels = 3
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                == Refusal(
                    .limit, "would make 4 tunnels; at most 3 are kept, set by tunnels.limit in the policy file",
                    field: "interface"))
        #expect(kernel.record.questions.filter { $0 == "tunnelCount" }.count == 2)
        // One that is there is changed at the limit and above.
        kernel.present = []
        try admission.admit(request, to: kernel)
        // And when one has gone, there is room for one.
        (kernel.present, kernel.tunnels) = (nil, 2)
        try admission.admit(request, to: kernel)
    }

    @Test mutating func `A route costs no count while the limit is far`() throws {
        var admission = Admission(try Self.limit(.routes, 1_000))
        kernel.routes = 100
        for number in 0..<200 { try admission.admit(try apply(add: ["10.0.\(number).0/24"]), to: kernel) }
        #expect(kernel.record.questions.filter { $0 == "routeCount" }.count == 1)
        #expect(kernel.record.questions.filter { $0 == "routes" }.count == 1)
    }

    @Test mutating func `Beyond the limit routes are refused, but not those that are there or make room`() throws {
        var admission = Admission(try Self.limit(.routes, 10))
        kernel.routes = 9
        kernel.presentRoutes = ["10.1.0.0/16", "10.2.0.0/16"]
        let two = try apply(add: ["10.3.0.0/16", "10.4.0.0/16"])
        let words = "would make 11 routes; at most 10 are kept, set by routes.limit in the policy file"
        #expect(
            refusal { () throws(Refusal) in try admission.admit(two, to: kernel) }
                == Refusal(.limit, words, field: "add_routes"))
        try admission.admit(try apply(add: ["10.3.0.0/16", "10.1.0.0/16"]), to: kernel)
        try admission.admit(try apply(add: ["10.3.0.0/16", "10.4.0.0/16"], remove: ["10.2.0.0/16"]), to: kernel)
        // Over a limit that was lowered, what does not grow still passes.
        kernel.routes = 50
        try admission.admit(try apply(add: ["10.1.0.0/16"]), to: kernel)
        try admission.admit(try apply(add: ["10.3.0.0/16"], remove: ["10.2.0.0/16"]), to: kernel)
        #expect(refusal { () throws(Refusal) in try admission.admit(two, to: kernel) }?.code == .limit)
    }

    @Test mutating func `Policies are counted as routes are`() throws {
        func apply(_ add: [Int], remove: [Int] = []) throws -> ApplyAssociations {
            func policy(_ number: Int) throws -> SecurityPolicy {
                try AssociationSamples.policy(.out, "10.1.0.0/16", "10.2.\(number).0/24")
            }
            return ApplyAssociations(
                removePolicies: try remove.map { try policy($0).key }, addPolicies: try add.map { try policy($0) })
        }
        var admission = Admission(try Self.limit(.selectors, 10))
        kernel.policies = 7
        try admission.admit(try apply([1]), to: kernel)
        try admission.admit(try apply([2, 3]), to: kernel)
        #expect(kernel.record.questions.filter { $0 == "policyCount" }.count == 1)
        kernel.policies = 10
        kernel.presentPolicies = try apply([1, 2]).addPolicies.map(\.key)
        let words = "would make 11 selectors; at most 10 are kept, set by selectors.limit in the policy file"
        let request = try apply([1, 4])
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                == Refusal(.limit, words, field: "add_policies"))
        try admission.admit(try apply([1, 2]), to: kernel)
        try admission.admit(try apply([2, 4], remove: [1]), to: kernel)
    }

    @Test mutating func `Security associations are held to twice the limit of selectors`() throws {
        func apply(_ add: [UInt32], remove: [UInt32] = []) throws -> ApplyAssociations {
            let key = try #require(SealedSecret(bytes: [1]))
            func made(_ number: UInt32) throws -> SecurityAssociation<SealedSecret> {
                try AssociationSamples.association(.aead(.aes256GCM, key), spi: 0x1000 + number)
            }
            return ApplyAssociations(
                remove: try remove.map { try made($0).key },
                add: try add.map { number in
                    ApplyAssociations.Addition(object: Self.tunnel, direction: .in, association: try made(number))
                })
        }
        var admission = Admission(try Self.limit(.selectors, 5))
        kernel.associations = 7
        try admission.admit(try apply([1]), to: kernel)
        try admission.admit(try apply([2, 3]), to: kernel)
        #expect(kernel.record.questions.filter { $0 == "associationCount" }.count == 1)
        kernel.associations = 10
        kernel.presentAssociations = try apply([1, 2]).add.map(\.association.key)
        let words =
            "would make 11 security associations; at most 10 are kept, 2 for each of the selectors: set by "
            + "selectors.limit in the policy file"
        // To remove what is not there makes no room.
        for request in [try apply([1, 4]), try apply([4], remove: [5])] {
            #expect(
                refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }
                    == Refusal(.limit, words, field: "add"))
        }
        try admission.admit(try apply([1, 2]), to: kernel)
        try admission.admit(try apply([2, 4], remove: [1]), to: kernel)
    }

    @Test mutating func `Without a file the limit says that it is built in`() throws {
        var admission = Admission(.standard)
        kernel.tunnels = 1024
        let request = try apply(["10.0.0.1/24"])
        #expect(
            refusal { () throws(Refusal) in try admission.admit(request, to: kernel) }?.message
                == "would make 1025 tunnels; at most 1024 are kept, the built-in limit; tunnels.limit in the policy file "
                + "sets another")
    }
}
