import Foundation
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// What only a kernel with ESP and AH shows. Nobody loads their modules or those of the algorithms but the kernel.
    @Suite(.serialized, .enabled(if: IPsecHost.isThere, "this kernel has no ESP and AH; Tests/VM has one that does"))
    struct IPsecModuleTests {
        private typealias Kind = IPsecHost.Kind

        @Test(arguments: IPsecHost.Kind.all, IPsecMode.allCases)
        fileprivate func `every kind of association is read back as it was made, with the fingerprints of the seals`(
            kind: IPsecHost.Kind, mode: IPsecMode
        ) throws {
            var host = try IPsecHost()
            for (source, destination) in [("198.51.100.1", "203.0.113.2"), ("2001:db8:1::1", "2001:db8:2::2")] {
                for window: UInt8 in [0, 32] {
                    let addition = try host.addition(
                        kind, from: source, to: destination, mode: mode, replayWindow: window)
                    // The second time it is there.
                    for _ in 0..<2 { _ = try host.call(ApplyAssociations(add: [addition])) }
                    let expected = try host.expected(addition, kind)
                    let all = try host.read().associations
                    #expect(all.map(\.asMade) == [expected])
                    #expect(all.first?.bytes == 0 && all.first?.usedAt == 0 && all.first?.addedAt != 0)
                    let key = addition.association.key
                    let found = try host.read(ReadAssociations.Keys(associations: [key])).associations
                    #expect(found.map(\.asMade) == [expected])
                    for _ in 0..<2 { _ = try host.call(ApplyAssociations(remove: [key])) }
                    #expect(try host.read().associations.isEmpty)
                }
            }
        }

        @Test func `ESP and AH of one SPI stand side by side, and each goes alone`() throws {
            var host = try IPsecHost()
            let kinds: [Kind] = [.aead(.aes256GCM, 1), .authentication(.hmacSHA256, 2)]
            let additions = [try host.addition(kinds[0]), try host.addition(kinds[1], mode: .transport)]
            let policy = try AssociationSamples.policy(.in, "10.2.0.0/16", "10.1.0.0/16", protocols: [.esp, .ah])
            _ = try host.call(ApplyAssociations(add: additions, addPolicies: [policy]))
            let all = try host.read()
            #expect(Set(all.associations.map(\.securityProtocol)) == [.esp, .ah])
            let kernel = try Kernel.open(backend: .userspace, launcher: RealWireGuardGo())
            let keys = Set(additions.map(\.association.key))
            #expect(try kernel.associationCount() == 2)
            let absent = SecurityAssociationKey(
                number: try AssociationNumber(8), destination: try IPAddress("203.0.113.2"), spi: try SPI(0x1234_5678),
                securityProtocol: .esp)
            #expect(try kernel.associations(among: keys.union([absent])) == keys)
            for (addition, kind) in zip(additions, kinds) {
                #expect(all.associations.map(\.asMade).contains(try host.expected(addition, kind)))
            }
            #expect(all.policies.map(\.asMade) == [policy])
            _ = try host.call(ApplyAssociations(remove: [additions[0].association.key]))
            #expect(try host.read().associations.map(\.securityProtocol) == [.ah])
            try host.clear()
        }

        @Test func `somebody else's association is shown by its key, and never listed, removed or replaced`() throws {
            var host = try IPsecHost()
            let key = "0x" + String(repeating: "11", count: 36)
            try run(
                "ip", "xfrm", "state", "add", "src", "198.51.100.1", "dst", "203.0.113.2", "proto", "esp", "spi",
                "0x12345678", "reqid", "7", "mode", "tunnel", "aead", "rfc4106(gcm(aes))", key, "128")
            let before = try run("ip", "xfrm", "state")
            let addition = try host.addition(.aead(.aes256GCM, 0x11))
            let kernel = try Kernel.open(backend: .userspace, launcher: RealWireGuardGo())
            #expect(try kernel.associationCount() == 0)
            #expect(try kernel.associations(among: [addition.association.key]).isEmpty)
            let other = try host.addition(.aead(.aes256GCM, 1), spi: 0x1000)
            #expect(
                host.refusal(ApplyAssociations(add: [other, addition]))
                    == Refusal(
                        .notOurs, "SPI 305419896 of esp to 203.0.113.2 exists and was not made by AiFw VPN",
                        field: "add[1].spi"))
            #expect(try host.read().associations.isEmpty)
            let found = try host.read(ReadAssociations.Keys(associations: [addition.association.key])).associations
            #expect(
                found.map(\.number) == [nil] && found.map(\.asMade) == [nil]
                    && found.map(\.spi.rawValue) == [0x1234_5678])
            _ = try host.call(ApplyAssociations(remove: [addition.association.key]))
            #expect(try run("ip", "xfrm", "state") == before)
            try run(
                "ip", "xfrm", "state", "delete", "dst", "203.0.113.2", "proto", "esp", "spi", "0x12345678")
        }

        @Test func `one of another number or key is not replaced, but removed and added in one request`() throws {
            var host = try IPsecHost()
            let kind = Kind.cipher(.hmacSHA256, 3)
            let first = try host.addition(kind)
            _ = try host.call(ApplyAssociations(add: [first]))
            #expect(
                host.refusal(ApplyAssociations(add: [try host.addition(kind, number: 8)]))
                    == Refusal(
                        .notOurs, "SPI 305419896 of esp to 203.0.113.2 exists and is that of association number 7",
                        field: "add[0].spi"))
            for changed in [
                try host.addition(.cipher(.hmacSHA256, 4)), try host.addition(kind, replayWindow: 8),
                try host.addition(kind, mode: .transport), try host.addition(.aead(.aes256GCM, 3)),
            ] {
                let refusal = host.refusal(ApplyAssociations(add: [changed]))
                #expect(refusal?.code == .kernel && refusal?.errno == EEXIST && refusal?.field == "add[0].spi")
                #expect(try host.read().associations.map(\.asMade) == [try host.expected(first, kind)])
            }
            let other = Kind.cipher(.hmacSHA256, 4)
            let changed = try host.addition(other)
            _ = try host.call(ApplyAssociations(remove: [first.association.key], add: [changed]))
            #expect(try host.read().associations.map(\.asMade) == [try host.expected(changed, other)])
            // Under another number it is somebody else's to remove.
            _ = try host.call(ApplyAssociations(remove: [try host.addition(kind, number: 8).association.key]))
            #expect(try host.read().associations.count == 1)
            try host.clear()
        }

        @Test func `if one policy is refused, nothing of the request is left, and what was there before stays`() throws
        {
            var host = try IPsecHost()
            let present = try host.addition(.aead(.aes128GCM, 9), number: 9, spi: 0x9999)
            let wanted = try ["10.2.0.0/16", "10.3.0.0/16"].map { far in
                try AssociationSamples.policy(.in, far, "10.1.0.0/16")
            }
            let held = try AssociationSamples.policy(.in, "10.3.0.0/16", "10.1.0.0/16", number: 9)
            _ = try host.call(ApplyAssociations(add: [present], addPolicies: [held]))
            let request = ApplyAssociations(
                add: [
                    try host.addition(.aead(.aes256GCM, 1)), try host.addition(.authentication(.hmacSHA256, 2)),
                    present,
                ],
                addPolicies: wanted)
            let refusal = host.refusal(request)
            #expect(refusal?.code == .notOurs && refusal?.field == "add_policies[1]")
            let left = try host.read()
            #expect(left.associations.map(\.key) == [present.association.key])
            #expect(left.policies.map(\.key) == [held.key])
            try host.clear()
        }

        @Test func `one with an option that we never set is ours, and can be removed`() throws {
            var host = try IPsecHost()
            try run(
                "ip", "xfrm", "state", "add", "src", "198.51.100.1", "dst", "203.0.113.2", "proto", "esp", "spi",
                "0x12345678", "reqid", "\(0xAF00_0007)", "mode", "tunnel", "flag", "esn", "replay-window", "64", "aead",
                "rfc4106(gcm(aes))", "0x" + String(repeating: "11", count: 36), "128")
            let all = try host.read().associations
            #expect(all.map(\.number?.rawValue) == [7] && all.map(\.asMade) == [nil])
            try host.clear()
            #expect(try host.read().associations.isEmpty)
        }

        @Test func `two hundred and fifty-six are installed, read in one answer and removed`() throws {
            var host = try IPsecHost()
            let kind = Kind.aead(.aes256GCM, 1)
            let additions = try (0..<UInt32(ApplyAssociations.limit)).map { try host.addition(kind, spi: 0x1000 + $0) }
            _ = try host.call(ApplyAssociations(add: additions))
            let all = try host.read().associations
            #expect(Set(all.compactMap(\.key)) == Set(additions.map(\.association.key)))
            try host.clear()
            #expect(try host.read().associations.isEmpty)
        }
    }
}
