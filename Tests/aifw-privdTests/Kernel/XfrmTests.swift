import CLinux
import Foundation
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// What any kernel with XFRM shows, be ESP and AH in it or not.
    @Suite(.serialized) struct XfrmTests {
        private typealias Samples = AssociationSamples

        /// The three policies of an association between two networks.
        private func policies(
            _ near: String, _ far: String, number: UInt32 = 7, mode: IPsecMode = .tunnel,
            protocols: [IPsecProtocol] = [.esp], gateways: (near: String, far: String)? = nil
        ) throws -> [SecurityPolicy] {
            let directions: [SecurityPolicyKey.Direction] = mode == .tunnel ? [.in, .out, .forward] : [.in, .out]
            return try directions.map { direction in
                let isOut = direction == .out
                return try Samples.policy(
                    direction, isOut ? near : far, isOut ? far : near, number: number,
                    from: isOut ? gateways?.near : gateways?.far, to: isOut ? gateways?.far : gateways?.near,
                    mode: mode, protocols: protocols)
            }
        }

        @Test func `an association is installed as asked, or refused by the name of what is missing`() throws {
            var host = try IPsecHost()
            for (kind, name, member): (IPsecHost.Kind, String, String) in [
                (.aead(.aes256GCM, 1), "ESP with aes-256-gcm", "encryption"),
                (.cipher(.hmacSHA512, 3), "ESP with aes-256-cbc and hmac-sha512", "encryption"),
                (.authentication(.hmacSHA384, 2), "AH with hmac-sha384", "authentication"),
            ] {
                let addition = try host.addition(kind)
                let policies = try policies("10.1.0.0/16", "10.2.0.0/16")
                if let refusal = host.refusal(ApplyAssociations(add: [addition], addPolicies: policies)) {
                    #expect(refusal.code == .kernel)
                    #expect(refusal.field == "add[0].\(member)")
                    #expect(refusal.message.hasPrefix("cannot install \(name): "))
                    #expect([ENOSYS, EPROTONOSUPPORT, ENOENT].contains(try #require(refusal.errno)))
                    let left = try host.read()
                    #expect(left.associations.isEmpty && left.policies.isEmpty)
                } else {
                    let installed = try host.read()
                    #expect(installed.associations.map(\.asMade) == [try host.expected(addition, kind)])
                    #expect(installed.policies.count == 3)
                }
                try host.clear()
            }
        }

        @Test(arguments: SecurityPolicy.bundles)
        func `policies are read back as they were made, by their keys and among all`(
            protocols: [IPsecProtocol]
        ) throws {
            var host = try IPsecHost()
            for (near, far, mode, gateways): (String, String, IPsecMode, (near: String, far: String)?) in [
                ("10.1.0.0/16", "10.2.0.0/24", .tunnel, nil), ("fd00:1::/64", "fd00:2::/48", .tunnel, nil),
                ("10.1.0.0/16", "10.2.0.0/24", .tunnel, ("2001:db8:1::1", "2001:db8:2::2")),
                ("198.51.100.1/32", "203.0.113.2/32", .transport, nil),
                ("2001:db8:1::1/128", "2001:db8:2::2/128", .transport, ("2001:db8:1::1", "2001:db8:2::2")),
            ] {
                let made = try policies(near, far, mode: mode, protocols: protocols, gateways: gateways)
                let request = ApplyAssociations(addPolicies: made)
                // The second time everything is there.
                for _ in 0..<2 { _ = try host.call(request) }
                let all = try host.read().policies
                #expect(all.count == made.count)
                #expect(made.allSatisfy { all.contains(SecurityPolicyState(key: $0.key, asMade: $0)) })
                let listed = try host.read(ReadAssociations.Keys(policies: made.map(\.key))).policies
                #expect(listed.map(\.asMade) == made)
                let removal = ApplyAssociations(removePolicies: made.map(\.key))
                for _ in 0..<2 { _ = try host.call(removal) }
                #expect(try host.read().policies.isEmpty)
            }
        }

        @Test
        func `somebody else's policy is neither listed nor removed nor replaced, and nothing of the request stays`()
            throws
        {
            var host = try IPsecHost()
            try run(
                "ip", "xfrm", "policy", "add", "src", "10.2.0.0/16", "dst", "10.1.0.0/16", "dir", "fwd", "tmpl", "src",
                "203.0.113.2", "dst", "198.51.100.1", "proto", "esp", "reqid", "7", "mode", "tunnel")
            let before = try run("ip", "xfrm", "policy")
            let wanted = try policies("10.1.0.0/16", "10.2.0.0/16")
            #expect(
                host.refusal(ApplyAssociations(addPolicies: wanted))
                    == Refusal(
                        .notOurs,
                        "the policy forward from 10.2.0.0/16 to 10.1.0.0/16 exists and was not made by AiFw VPN",
                        field: "add_policies[2]"))
            let all = try host.read()
            #expect(all.policies.isEmpty)
            #expect(try host.read(ReadAssociations.Keys(policies: wanted.map(\.key))).policies.isEmpty)
            _ = try host.call(ApplyAssociations(removePolicies: wanted.map(\.key)))
            #expect(try run("ip", "xfrm", "policy") == before)
            try run("ip", "xfrm", "policy", "delete", "src", "10.2.0.0/16", "dst", "10.1.0.0/16", "dir", "fwd")
        }

        @Test func `another association's policy is not replaced or removed, nor one of our own that differs`() throws {
            var host = try IPsecHost()
            let first = try policies("10.1.0.0/16", "10.2.0.0/16")
            _ = try host.call(ApplyAssociations(addPolicies: first))
            let other = try policies("10.1.0.0/16", "10.2.0.0/16", number: 8)
            #expect(
                host.refusal(ApplyAssociations(addPolicies: other))
                    == Refusal(
                        .notOurs,
                        "the policy in from 10.2.0.0/16 to 10.1.0.0/16 exists and is that of association number 7",
                        field: "add_policies[0]"))
            _ = try host.call(ApplyAssociations(removePolicies: other.map(\.key)))
            #expect(try host.read().policies.count == 3)
            let changed = try policies("10.1.0.0/16", "10.2.0.0/16", protocols: [.ah])
            let refusal = host.refusal(ApplyAssociations(addPolicies: changed))
            #expect(refusal?.code == .kernel && refusal?.errno == EEXIST && refusal?.field == "add_policies[0]")
            // Removed and added in one request, it is replaced: no packet finds none, for the kernel keeps its index.
            let indexes = { try run("ip", "-s", "xfrm", "policy").matches(of: /index (\d+)/).map(\.output.1) }
            let before = try indexes()
            _ = try host.call(ApplyAssociations(removePolicies: first.map(\.key), addPolicies: changed))
            #expect(Set(try host.read().policies.compactMap { $0.asMade?.protocols }) == [[.ah]])
            #expect(try Set(indexes()) == Set(before) && before.count == 3)
            try host.clear()
        }

        @Test func `a policy that somebody changed shows as such, and can be removed`() throws {
            var host = try IPsecHost()
            let made = try policies("10.1.0.0/16", "10.2.0.0/16")[0]
            _ = try host.call(ApplyAssociations(addPolicies: [made]))
            try run(
                "ip", "xfrm", "policy", "update", "src", "10.2.0.0/16", "dst", "10.1.0.0/16", "dir", "in", "priority",
                "5", "tmpl", "src", "203.0.113.2", "dst", "198.51.100.1", "proto", "esp", "reqid", "\(0xAF00_0007)",
                "mode", "tunnel")
            #expect(try host.read().policies == [SecurityPolicyState(key: made.key, asMade: nil)])
            _ = try host.call(ApplyAssociations(removePolicies: [made.key]))
            #expect(try host.read().policies.isEmpty)
        }

        @Test func `what is there is neither refused nor counted by the gate`() throws {
            var host = try IPsecHost()
            let kernel = try Kernel.open(backend: .userspace, launcher: RealWireGuardGo())
            let made = try policies("10.1.0.0/16", "10.2.0.0/16")
            let wanted = Set(made.map(\.key))
            #expect(try kernel.policies(among: wanted).isEmpty && kernel.policyCount() == 0)
            _ = try host.call(ApplyAssociations(addPolicies: made))
            let others = try policies("10.1.0.0/16", "10.2.0.0/16", number: 8).map(\.key)
            #expect(try kernel.policies(among: wanted.union(others)) == wanted)
            #expect(try kernel.policyCount() == 3)
            try host.clear()
        }

        @Test func `a kernel without XFRM has nothing of ours, lets go of it, and says why it takes nothing`() throws {
            let route = try Netlink(bus: NETLINK_ROUTE)
            let wireguard = WireGuardUserspace(links: Links(route), launcher: RealWireGuardGo())
            var host = try IPsecHost(kernel: Kernel(route: route, wireguard: wireguard, xfrm: .none))
            let addition = try host.addition(.aead(.aes256GCM, 1))
            let policies = try policies("10.1.0.0/16", "10.2.0.0/16")
            let removal = ApplyAssociations(
                removePolicies: policies.map(\.key), remove: [addition.association.key])
            _ = try host.call(removal)
            #expect(try host.read().policies.isEmpty && host.read().associations.isEmpty)
            let why = "Protocol not supported (this kernel has no IPsec; load its module xfrm_user)"
            #expect(
                host.refusal(ApplyAssociations(add: [addition]))
                    == Refusal(
                        .kernel, "cannot install ESP with aes-256-gcm: \(why)", field: "add[0].encryption",
                        errno: EPROTONOSUPPORT))
            #expect(
                host.refusal(ApplyAssociations(addPolicies: [policies[1]]))
                    == Refusal(
                        .kernel, "cannot install the policy out from 10.1.0.0/16 to 10.2.0.0/16: \(why)",
                        field: "add_policies[0]", errno: EPROTONOSUPPORT))
        }

        @Test func `a thousand policies are read in pages`() throws {
            var host = try IPsecHost()
            let made = try (0..<1_000).map { number in
                try Samples.policy(.out, "10.1.0.0/16", "10.\(number / 250 + 2).\(number % 250).0/24")
            }
            _ = try host.call(ApplyAssociations(addPolicies: made))
            let answers = try host.call(ReadAssociations())
            #expect(answers.count > 1)
            #expect(Set(answers.flatMap(\.policies).map(\.key)) == Set(made.map(\.key)))
            try host.clear()
            #expect(try host.read().policies.isEmpty)
        }
    }
}
