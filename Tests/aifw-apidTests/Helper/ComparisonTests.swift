import FilterRules
import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// Associations and rules, between the rows and a kernel and a packet filter that others change as well.
struct ComparisonTests {
    private let fixture: StoreFixture
    private let helper: HelperStandIn
    private let plane: ControlPlane

    init() throws {
        fixture = try StoreFixture()
        helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        plane = ControlPlane(
            store: fixture.store, helperSocket: helper.path,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func started(_ number: Int = 0) async throws -> TunnelRecord {
        let tunnel = try await plane.write { transaction, helper in
            var tunnel = try TunnelRecord.sample("t\(number)", number: number, address: "10.0.\(number).1/24")
            tunnel.isEnabled = true
            let stored = try transaction.insert(tunnel, by: .tester)
            try helper.apply(plan(desired: try transaction.desired(stored, under: helper.rules), actual: nil))
            try helper.apply(transaction.ruleRequests(from: nil, to: stored).opening)
            return stored
        }
        helper.give(tunnel)
        return tunnel
    }

    private func installed(_ number: Int = 1, _ protection: IPsecProtection = .esp) async throws -> AssociationRecord {
        try await plane.write { transaction, helper in
            let stored = try transaction.insert(
                try .between(
                    "192.0.2.1", "198.51.100.7", number: number, protection: protection,
                    networks: ("10.1.\(number).0/24", "10.2.\(number).0/24")), by: .tester)
            try helper.apply(try transaction.requests(from: nil, to: stored))
            return stored
        }
    }

    private var parts: Set<String> {
        helper.state.withLock { state in Set(state.rules.flatMap { $0.parts(with: .nftables) }) }
    }

    /// The parts of all that is enabled.
    private func desiredParts() async throws -> Set<String> {
        Set(try await fixture.store.read { try $0.passRules() }.flatMap { $0.parts(with: .nftables) })
    }

    private func isInstalled(_ record: AssociationRecord) async throws -> Bool {
        try await plane.associationStates(of: [record])[record.id]?.isInstalled == true
    }

    private var changes: [Request.Kind] {
        let reading: Set<Request.Kind> = [.inventory, .readTunnel, .readAssociations, .readRules]
        return helper.kinds.filter { !reading.contains($0) }
    }

    // MARK: Nothing differs

    @Test func `A restart of either daemon touches neither rules nor associations`() async throws {
        _ = try await started()
        for number in 1...2 { _ = try await installed(number, .espAndAH) }
        helper.forgetRequests()
        try await plane.reconcile()
        #expect(helper.kinds.count { $0 == .readAssociations } == 1 && helper.kinds.count { $0 == .readRules } == 1)
        #expect(changes == [])
        helper.stop()
        try helper.start()
        try await plane.connectWriter()
        #expect(changes == [])
        let other = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: plane.logger)
        try await other.connectWriter()
        #expect(changes == [])
    }

    @Test func `An association is one request, and one for its rules, however many there are`() async throws {
        for number in 1...20 { _ = try await installed(number) }
        helper.forgetRequests()
        _ = try await installed(21)
        #expect(helper.kinds == [.applyAssociations, .applyRules])
    }

    // MARK: Drift

    @Test(arguments: ["associations", "policies", "half", "key"])
    func `What somebody else has changed of associations is put right, and no more`(kind: String) async throws {
        let (first, second) = (try await installed(1), try await installed(2, .espAndAH))
        helper.forgetRequests()
        helper.state.withLock { state in
            switch kind {
            case "associations": state.associations = []
            case "policies": state.policies = []
            case "half": state.associations.removeAll { $0.number == second.number && $0.securityProtocol == .ah }
            default:
                guard let index = state.associations.firstIndex(where: { $0.number == second.number }),
                    let desired = DesiredAssociation(second)
                else { return }
                let made = desired.parts[0].addition.association
                let changed = SecurityAssociation(
                    number: made.number, source: made.source, destination: made.destination, spi: made.spi,
                    mode: made.mode, transform: Transform.aead(.aes256GCM, SealedSecret.sample),
                    replayWindow: made.replayWindow)
                state.associations[index] = .init(installed: changed, under: .sample)
            }
        }
        try await plane.reconcile()
        #expect(try await isInstalled(first))
        #expect(try await isInstalled(second))
        let asked = helper.state.withLock { $0.asked.ofAssociations }
        #expect(asked.count == (["half", "key"].contains(kind) ? 1 : 2))
        if kind == "half" { #expect(asked.first?.add.count == 2 && asked.first?.remove.isEmpty == true) }
        if kind == "key" { #expect(asked.first?.add.count == 1 && asked.first?.remove.count == 1) }
        if kind == "policies" { #expect(asked.allSatisfy { $0.add.isEmpty && $0.remove.isEmpty }) }
        helper.forgetRequests()
        try await plane.reconcile()
        #expect(changes == [])
    }

    @Test func `What is ours and nobody's is taken away, and what is somebody else's stays`() async throws {
        let record = try await installed()
        let stray = try AssociationRecord.between("192.0.2.1", "198.51.100.9", number: 9)
        let parts = try #require(DesiredAssociation(stray)).parts
        helper.state.withLock { state in
            state.associations += parts.map { .init(installed: $0.addition.association, under: .sample) }
            state.associations.append(
                SecurityAssociationState(
                    number: nil, source: stray.local, destination: stray.remote, spi: stray.spiIn,
                    securityProtocol: .esp, asMade: nil, bytes: 1, packets: 1, addedAt: 1, usedAt: 1, outsideWindow: 0,
                    repeated: 0, unauthentic: 0))
        }
        try await plane.reconcile()
        #expect(helper.state.withLock { $0.associations.map(\.number) } == [record.number, record.number, nil])
    }

    @Test(arguments: [true, false])
    func `An anchor that somebody has emptied is filled again`(isGone: Bool) async throws {
        _ = try await started()
        _ = try await installed()
        helper.forgetRequests()
        helper.state.withLock { state in
            state.rules = []
            state.isAnchorWhole = !isGone
        }
        try await plane.reconcile()
        #expect(parts == (try await desiredParts()) && !parts.isEmpty)
        #expect(helper.state.withLock { $0.isAnchorWhole })
        #expect(helper.state.withLock { $0.asked.ofRules.map(\.reset) } == (isGone ? [true, false] : [false]))
        #expect(changes.allSatisfy { $0 == .applyRules })
    }

    @Test func `A rule that nobody asks for is taken away`() async throws {
        let tunnel = try await started()
        let port = try Port(4444)
        helper.state.withLock { _ = $0.rules.insert(.listenPort(owner: .random(), port: port, on: nil)) }
        try await plane.reconcile()
        #expect(helper.state.withLock { $0.rules } == Set(tunnel.passRules))
    }

    @Test func `What goes loses its rules first, and what comes has them last`() async throws {
        let (gone, tunnel) = (try await started(1), try await started(2))
        helper.stop()
        _ = try await fixture.store.write { transaction in
            try transaction.deleteTunnel(gone.id, by: .tester)
            return try transaction.insert(try .between("192.0.2.1", "198.51.100.7"), by: .tester)
        }
        helper.forgetRequests()
        try helper.start()
        try await plane.connectWriter()
        #expect(changes == [.applyRules, .removeTunnel, .applyAssociations, .applyRules])
        let rules = helper.state.withLock { $0.asked.ofRules }
        #expect(rules.map(\.reset) == [false, false])
        let lost = rules.first.map { Set($0.remove.flatMap { $0.parts(with: .nftables) }) }
        #expect(lost == Set(gone.passRules.flatMap { $0.parts(with: .nftables) }) && rules.first?.add.isEmpty == true)
        #expect(rules.last?.add.count == 3)
        #expect(parts == (try await desiredParts()))
        #expect(parts.isSuperset(of: tunnel.passRules.flatMap { $0.parts(with: .nftables) }))
    }

    // MARK: Refusals

    @Test func `A refusal is the association's fault, is tried again each period, and is forgotten when it works`()
        async throws
    {
        let record = try await installed()
        helper.state.withLock { state in
            state.associations = []
            state.refusals[.applyAssociations] = Refusal(.kernel, "Protocol not supported", errno: 93)
        }
        for _ in 0..<2 {
            helper.forgetRequests()
            try await plane.reconcile()
            #expect(changes == [.applyAssociations])
            #expect(plane.faults[record.id] == "Protocol not supported")
        }
        helper.state.withLock { $0.refusals = [:] }
        try await plane.reconcile()
        #expect(plane.faults[record.id] == nil)
        #expect(try await isInstalled(record))
    }

    @Test func `A kernel that can't be asked about associations is the fault of those enabled, and of nobody else`()
        async throws
    {
        let tunnel = try await started()
        helper.state.withLock { $0.refusals[.readAssociations] = Refusal(.kernel, "Protocol not supported") }
        helper.stop()
        try helper.start()
        try await plane.connectWriter()
        try await plane.reconcile()
        #expect(plane.faults.fault(of: tunnel.id, isEnabled: true) == nil)
        let record = try await fixture.store.write {
            try $0.insert(try .between("192.0.2.1", "198.51.100.7"), by: .tester)
        }
        try await plane.reconcile()
        #expect(plane.faults[record.id] == "Protocol not supported")
    }

    @Test(arguments: [Request.Kind.applyRules, .readRules])
    func `Rules that can't be loaded are the fault of all that is enabled, until they can`(
        kind: Request.Kind
    ) async throws {
        let tunnel = try await started()
        helper.state.withLock { state in
            state.rules = []
            state.refusals[kind] = Refusal(.filter, "syntax error")
        }
        try await plane.reconcile()
        let fault = try #require(plane.faults.filterFault)
        #expect(fault == "the packet filter's rules could not be put right: syntax error")
        #expect(plane.faults.fault(of: tunnel.id, isEnabled: true) == fault)
        #expect(plane.faults.fault(of: tunnel.id, isEnabled: false) == nil)
        helper.state.withLock { $0.refusals = [:] }
        try await plane.reconcile()
        #expect(plane.faults.filterFault == nil)
        #expect(parts == (try await desiredParts()))
    }

    // MARK: Changes that fail

    @Test func `A change that the packet filter refuses is in neither kernel, anchor nor rows`() async throws {
        let tunnel = try await started()
        helper.state.withLock { $0.refusals[.applyRules] = Refusal(.filter, "no") }
        await #expect(throws: HelperError.self) { try await started(1) }
        await #expect(throws: HelperError.self) { try await installed() }
        #expect(helper.state.withLock { Set($0.interfaces.keys) } == [tunnel.id])
        #expect(helper.state.withLock { $0.associations.isEmpty && $0.policies.isEmpty })
        #expect(helper.state.withLock { $0.rules } == Set(tunnel.passRules))
        #expect(try await fixture.store.read { (try $0.tunnels().count, try $0.associations().count) } == (1, 0))
        // The rules are as they should be: nobody has a fault of it.
        #expect(plane.faults.filterFault == nil)
    }

    @Test func `A change that fails after its part was done is taken back there too`() async throws {
        let (tunnel, record) = (try await started(), try await installed())
        let before = (helper.state.withLock { ($0.associations, Set($0.policies.map(\.key))) }, parts)
        struct Later: Error {}
        await #expect(throws: Later.self) {
            try await plane.write { transaction, helper in
                var changed = record
                changed.spiIn = try SPI(9000)
                changed.remoteNetworks = try NetworkList("10.9.0.0/16")
                let stored = try transaction.update(changed, by: .tester)
                try helper.apply(try transaction.requests(from: record, to: stored))
                try transaction.deleteTunnel(tunnel.id, by: .tester)
                try helper.apply(transaction.ruleRequests(from: tunnel, to: nil).closing)
                throw Later()
            }
        }
        let after = (helper.state.withLock { ($0.associations, Set($0.policies.map(\.key))) }, parts)
        #expect(Set(after.0.0.map(\.spi)) == Set(before.0.0.map(\.spi)) && after.0.1 == before.0.1)
        #expect(after.1 == before.1)
    }

    @Test func `A helper that dies after its part has it taken back by the next`() async throws {
        helper.state.withLock { $0.cutsAfter = .applyAssociations }
        await #expect(throws: HelperError.self) { try await installed() }
        #expect(helper.state.withLock { $0.associations.count } == 2)
        try await plane.connectWriter()
        #expect(helper.state.withLock { $0.associations.isEmpty && $0.policies.isEmpty })
    }

    // MARK: Start, and states

    @Test func `A start makes what is missing, and touches nothing that is there`() async throws {
        let record = try await installed()
        let other = try await installed(2)
        helper.forgetRequests()
        try await plane.write { transaction, helper in
            try helper.apply(try helper.requests(toStart: record, in: transaction))
        }
        #expect(changes == [.applyRules])
        let spi = record.spiIn
        helper.state.withLock { $0.associations.removeAll { $0.spi == spi } }
        helper.forgetRequests()
        try await plane.write { transaction, helper in
            try helper.apply(try helper.requests(toStart: record, in: transaction))
        }
        let request = try #require(helper.state.withLock { $0.asked.ofAssociations.first })
        #expect(request.add.map(\.association.spi) == [spi] && request.remove.isEmpty)
        #expect(request.addPolicies.isEmpty && request.removePolicies.isEmpty)
        #expect(try await isInstalled(other))
    }

    @Test func `States are read: one by itself, several at once`() async throws {
        let (first, second) = (try await installed(1, .espAndAH), try await installed(2))
        let absent = try AssociationRecord.between("192.0.2.1", "198.51.100.9", number: 3)
        helper.state.withLock { $0.policies.removeAll { $0.key.number == second.number } }
        helper.forgetRequests()
        let states = try await plane.associationStates(of: [first, second, absent])
        #expect(helper.kinds == [.readAssociations])
        #expect(states[first.id]?.isInstalled == true && states[first.id]?.isAbsent == false)
        #expect(states[first.id]?.incoming.map(\.securityProtocol) == [.esp, .ah])
        #expect(states[first.id]?.outgoing.map(\.spi) == [first.spiOut, first.spiOut])
        #expect(states[second.id]?.isInstalled == false && states[second.id]?.isAbsent == false)
        #expect(states[absent.id]?.isInstalled == false && states[absent.id]?.isAbsent == true)
        let one = try await plane.associationStates(of: [first])
        #expect(one[first.id]?.isInstalled == true && one[first.id]?.incoming.count == 2)
        #expect(try await plane.associationStates(of: [absent])[absent.id]?.isAbsent == true)
    }
}
