import Testing
import Wire

@testable import aifw_apid

struct AssociationPlanTests {
    private static func sample(_ protection: IPsecProtection = .esp, _ mode: IPsecMode = .tunnel) throws
        -> AssociationRecord
    {
        try .between(
            "192.0.2.1", "198.51.100.7", protection: protection, mode: mode,
            networks: mode == .tunnel ? ("10.1.0.0/16", "10.2.0.0/16,10.3.0.0/16") : nil)
    }

    // MARK: What is desired

    @Test func `What comes in is from the remote end to this one, what goes out the reverse, each by its own keys`()
        throws
    {
        let record = try Self.sample()
        let desired = try #require(DesiredAssociation(record))
        #expect(desired.parts.map(\.addition.direction) == [.in, .out])
        let (incoming, outgoing) = (desired.parts[0].addition.association, desired.parts[1].addition.association)
        #expect([incoming.source, incoming.destination] == [record.remote, record.local])
        #expect([outgoing.source, outgoing.destination] == [record.local, record.remote])
        #expect([incoming.spi, outgoing.spi] == [record.spiIn, record.spiOut])
        #expect(incoming.transform.encryptionKey == record.keys.encryptionIn?.secret)
        #expect(outgoing.transform.encryptionKey == record.keys.encryptionOut?.secret)
        #expect(desired.parts[0].asMade.transform.encryptionKey == record.keys.encryptionIn?.fingerprint)
        #expect(desired.parts.allSatisfy { $0.addition.object == record.id && $0.asMade.number == record.number })
    }

    @Test(arguments: [
        (IPsecProtection.esp, IPsecMode.tunnel, ["esp tunnel"]), (.esp, .transport, ["esp transport"]),
        (.ah, .tunnel, ["ah tunnel"]), (.ah, .transport, ["ah transport"]),
        (.espAndAH, .tunnel, ["esp tunnel", "ah transport"]),
        (.espAndAH, .transport, ["esp transport", "ah transport"]),
    ])
    func `ESP and AH together are two each way, with AH in transport mode on top`(
        protection: IPsecProtection, mode: IPsecMode, each: [String]
    ) throws {
        let desired = try #require(DesiredAssociation(try Self.sample(protection, mode)))
        let found = desired.parts.map { "\($0.key.securityProtocol.rawValue) \($0.asMade.mode.rawValue)" }
        #expect(found == each + each)
        #expect(Set(desired.parts.prefix(each.count).map(\.asMade.spi)).count == 1)
        #expect(desired.policies.allSatisfy { $0.protocols == protection.protocols && $0.mode == mode })
    }

    @Test func `Each two networks have a policy each way, and one for what is forwarded in tunnel mode only`() throws {
        let record = try Self.sample()
        let tunnel = try #require(DesiredAssociation(record)).policies
        #expect(
            tunnel.map { "\($0.key.direction.rawValue) \($0.key.source) \($0.key.destination)" } == [
                "in 10.2.0.0/16 10.1.0.0/16", "forward 10.2.0.0/16 10.1.0.0/16", "out 10.1.0.0/16 10.2.0.0/16",
                "in 10.3.0.0/16 10.1.0.0/16", "forward 10.3.0.0/16 10.1.0.0/16", "out 10.1.0.0/16 10.3.0.0/16",
            ])
        #expect(
            tunnel.allSatisfy {
                $0.key.direction == .out
                    ? ($0.from, $0.to) == (record.local, record.remote)
                    : ($0.from, $0.to) == (record.remote, record.local)
            })
        let transport = try #require(DesiredAssociation(try Self.sample(.esp, .transport))).policies
        #expect(
            transport.map { "\($0.key.direction.rawValue) \($0.key.source)" } == [
                "in 198.51.100.7/32", "out 192.0.2.1/32",
            ])
    }

    @Test func `A cipher that does not authenticate comes with an HMAC, AH with nothing else`() throws {
        var record = try Self.sample(.espAndAH)
        record.encryption = .aes256CBC
        let parts = try #require(DesiredAssociation(record)).parts
        guard case .cipher(.aes256CBC, _, .hmacSHA256, _) = parts[0].asMade.transform,
            case .authentication(.hmacSHA256, _) = parts[1].asMade.transform
        else {
            Issue.record("\(parts)")
            return
        }
        record.keys.authenticationIn = nil
        #expect(DesiredAssociation(record) == nil)
    }

    // MARK: A change

    @Test func `A new one is one request with all of it, and one that goes takes all of it along`() throws {
        for record in [try Self.sample(.espAndAH), try Self.sample(.esp, .transport)] {
            let desired = try #require(DesiredAssociation(record))
            let made = plan(from: nil, to: record).ofAssociations
            let request = try #require(made.first)
            #expect(made.count == 1)
            #expect(request.add == desired.parts.map(\.addition) && request.addPolicies == desired.policies)
            #expect(request.remove.isEmpty && request.removePolicies.isEmpty)
            var disabled = record
            disabled.isEnabled = false
            for gone in [nil, disabled] {
                let removed = plan(from: record, to: gone).ofAssociations
                let request = try #require(removed.first)
                #expect(removed.count == 1)
                #expect(request.remove == desired.parts.map(\.key))
                #expect(request.removePolicies == desired.policies.map(\.key))
                #expect(request.add.isEmpty && request.addPolicies.isEmpty)
            }
            #expect(plan(from: nil, to: disabled).isEmpty && plan(from: disabled, to: nil).isEmpty)
        }
    }

    @Test func `Another name, or a key sealed anew, is nothing to the kernel`() throws {
        let record = try Self.sample()
        var changed = record
        changed.name = try ObjectName("renamed")
        let fingerprint = try #require(record.keys.encryptionIn?.fingerprint)
        changed.keys.encryptionIn = SealedSymmetricKey(secret: .sample, fingerprint: fingerprint)
        #expect(plan(from: record, to: changed).isEmpty)
    }

    @Test func `Of a change only what differs is named`() throws {
        let record = try Self.sample()
        var changed = record
        changed.spiIn = try SPI(5000)
        let spi = try #require(plan(from: record, to: changed).ofAssociations.first)
        #expect(spi.remove.map(\.spi) == [record.spiIn] && spi.add.map(\.association.spi) == [changed.spiIn])
        #expect(spi.removePolicies.isEmpty && spi.addPolicies.isEmpty)

        changed = record
        changed.keys.encryptionOut = .sample()
        let key = try #require(plan(from: record, to: changed).ofAssociations.first)
        #expect(key.remove.map(\.spi) == [record.spiOut] && key.add.map(\.direction) == [.out])

        changed = record
        changed.remoteNetworks = try NetworkList("10.2.0.0/16")
        let networks = try #require(plan(from: record, to: changed).ofAssociations.first)
        #expect(networks.removePolicies.count == 3 && networks.addPolicies.isEmpty)
        #expect(networks.remove.isEmpty && networks.add.isEmpty)

        changed = record
        changed.protection = .espAndAH
        let protection = try #require(plan(from: record, to: changed).ofAssociations.first)
        #expect(protection.remove.isEmpty)
        #expect(protection.add.allSatisfy { $0.association.key.securityProtocol == .ah } && protection.add.count == 2)
        #expect(protection.removePolicies.count == 6 && protection.addPolicies.count == 6)
    }

    @Test func `All of the largest association fits into one request`() throws {
        var record = try Self.sample(.espAndAH)
        let networks = { (octet: Int) in
            try NetworkList((0..<16).map { "10.\(octet).\($0).0/24" }.joined(separator: ","))
        }
        (record.localNetworks, record.remoteNetworks) = (try networks(1), try networks(2))
        var other = record
        other.mode = .transport
        other.protection = .esp
        let request = try #require(plan(from: record, to: other).ofAssociations.first)
        #expect(request.removePolicies.count == 768 && request.removePolicies.count <= ApplyAssociations.policyLimit)
        _ = try Request.applyAssociations(try #require(plan(from: nil, to: record).ofAssociations.first)).frame()
    }

    // MARK: A comparison

    @Test func `What is as desired is never named`() throws {
        let records = [
            try Self.sample(.espAndAH), try AssociationRecord.between("192.0.2.1", "198.51.100.8", number: 2),
        ]
        let (strays, perAssociation) = plan(desired: records, actual: .settled(records))
        #expect(strays.isEmpty && perAssociation.isEmpty)
    }

    @Test func `Of one that is half there only the other half is made`() throws {
        let record = try Self.sample(.espAndAH)
        let whole = ActualAssociations.settled([record])
        let desired = try #require(DesiredAssociation(record))
        let half = ActualAssociations.holding(
            whole.associations.values.filter { $0.securityProtocol == .esp },
            whole.policies.values.filter { $0.key.direction != .forward })
        let (strays, perAssociation) = plan(desired: [record], actual: half)
        #expect(strays.isEmpty)
        let request = try #require(perAssociation.first?.requests.ofAssociations.first)
        #expect(perAssociation.map(\.id) == [record.id])
        #expect(request.add == desired.parts.filter { $0.key.securityProtocol == .ah }.map(\.addition))
        #expect(request.addPolicies == desired.policies.filter { $0.key.direction == .forward })
        #expect(request.remove.isEmpty && request.removePolicies.isEmpty)
    }

    @Test func `What is there with another key or another shape is replaced, and what is beside it left alone`() throws
    {
        let record = try Self.sample()
        var other = record
        other.keys.encryptionIn = .sample()
        var found = Array(ActualAssociations.settled([other]).associations.values)
        let policies = Array(ActualAssociations.settled([record]).policies.values)
        let wrongKey = plan(desired: [record], actual: .holding(found, policies)).perAssociation
        let request = try #require(wrongKey.first?.requests.ofAssociations.first)
        #expect(request.remove.map(\.spi) == [record.spiIn] && request.add.map(\.association.spi) == [record.spiIn])
        #expect(request.removePolicies.isEmpty && request.addPolicies.isEmpty)

        found = Array(ActualAssociations.settled([record]).associations.values)
        let strange = policies.map {
            $0.key.direction == .out ? SecurityPolicyState(key: $0.key, asMade: nil) : $0
        }
        let wrongPolicy = plan(desired: [record], actual: .holding(found, strange)).perAssociation
        let second = try #require(wrongPolicy.first?.requests.ofAssociations.first)
        #expect(second.removePolicies.allSatisfy { $0.direction == .out } && second.removePolicies.count == 2)
        #expect(Set(second.addPolicies.map(\.key)) == Set(second.removePolicies) && second.remove.isEmpty)
    }

    @Test(arguments: IPsecProtection.allCases)
    func `What the kernel shows without its keys is left alone, if all else is right`(
        protection: IPsecProtection
    ) throws {
        let record = try Self.sample(protection)
        let settled = ActualAssociations.settled([record])
        let policies = Array(settled.policies.values)
        let hidden = settled.associations.values.map(\.withHiddenKeys)
        #expect(plan(desired: [record], actual: .holding(hidden, policies)).perAssociation.isEmpty)
        var other = record
        other.replayWindow = ReplayWindow(validated: 8)
        #expect(plan(desired: [other], actual: .holding(hidden, policies)).perAssociation.count == 1)
    }

    @Test func `A sender that has used its sequence numbers up is made anew, but not with a replay window`() throws {
        var record = try Self.sample()
        func planned(packets: UInt64) -> [ApplyAssociations] {
            let settled = ActualAssociations.settled([record])
            let used = settled.associations.values.map { $0.carrying(packets) }
            let actual = ActualAssociations.holding(used, Array(settled.policies.values))
            return plan(desired: [record], actual: actual).perAssociation.flatMap(\.requests).ofAssociations
        }
        #expect(planned(packets: 0xEFFF_FFFF).isEmpty)
        let request = try #require(planned(packets: 0xF000_0000).first)
        #expect(request.remove.map(\.spi) == [record.spiOut] && request.add.map(\.association.spi) == [record.spiOut])
        #expect(request.removePolicies.isEmpty && request.addPolicies.isEmpty)
        record.replayWindow = ReplayWindow(validated: 32)
        #expect(planned(packets: 0xFFFF_FFFF).isEmpty)
    }

    @Test func `What of ours nobody wants goes first, and what is somebody else's is never named`() throws {
        let record = try Self.sample()
        let stray = try AssociationRecord.between("192.0.2.1", "198.51.100.9", number: 9)
        let settled = ActualAssociations.settled([record, stray])
        let state = try #require(settled.associations.values.first)
        let foreign = SecurityAssociationState(
            number: nil, source: state.source, destination: state.destination, spi: try SPI(7777),
            securityProtocol: .esp, asMade: nil, bytes: 0, packets: 0, addedAt: 0, usedAt: 0, outsideWindow: 0,
            repeated: 0, unauthentic: 0)
        let actual = ActualAssociations.holding(
            Array(settled.associations.values) + [foreign], Array(settled.policies.values))
        #expect(actual.foreign == [foreign])
        let (strays, perAssociation) = plan(desired: [record], actual: actual)
        #expect(perAssociation.isEmpty)
        let request = try #require(strays.ofAssociations.first)
        #expect(strays.count == 1)
        #expect(Set(request.remove) == Set(try #require(DesiredAssociation(stray)).parts.map(\.key)))
        #expect(request.removePolicies.count == 3 && request.removePolicies.allSatisfy { $0.number == stray.number })
    }

    @Test func `Many strays are cut into requests that the helper takes, policies first`() throws {
        let strays = try (1...500).map { number in
            try AssociationRecord.between(
                "192.0.2.1", "198.51.100.7", number: number,
                networks: ("10.\(number / 250).\(number % 250).0/24", "172.16.0.0/12"))
        }
        let requests = plan(desired: [], actual: .settled(strays)).strays.ofAssociations
        #expect(requests.map(\.removePolicies.count) == [1024, 476, 0, 0, 0])
        #expect(requests.map(\.remove.count) == [0, 256, 256, 256, 232])
    }
}
