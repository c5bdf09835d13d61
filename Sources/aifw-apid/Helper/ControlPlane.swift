import Logging
import Wire

/// Where what should be and what is meet: changes of the store that reach the kernel, and repairs.
///
/// A change runs on the store's writer queue with the helper's write connection in its hand; the kernel's part is done inside
/// the open transaction and the commit comes last. So a 2xx means durable and applied, and a refusal means neither.
final class ControlPlane: Sendable {
    let store: Store
    let reader: HelperReader
    let faults = TunnelFaults()
    private let known = KnownRules()
    let writer: HelperWriter
    let logger: Logger

    init(store: Store, helperSocket: String, logger: Logger) {
        self.store = store
        self.logger = logger
        reader = HelperReader(path: helperSocket, rules: known)
        writer = HelperWriter(path: helperSocket, rules: known)
        // The kernel has been told of changes that are not on the disk: as after a restart, all of it is compared.
        store.onLostCommit { [self] transaction in
            writer.disconnect()
            _ = connect(transaction)
        }
    }

    /// Runs `change` with the writer in hand. If it throws, neither the database nor the kernel is changed.
    ///
    /// The helper is connected first, and reconciled if it is a new one; if it can't be reached, only what needs it fails.
    func write<Result: Sendable>(
        _ change: @escaping @Sendable (WriteTransaction, HelperWriter) throws -> Result
    ) async throws -> Result {
        try await connected { [self] transaction in
            writer.beginChange()
            let rules = writer.rules
            do {
                return try perform(change, in: transaction)
            } catch {
                restore(transaction)
                guard case HelperError.refused(let refusal) = error, refusal.code == .policy, try areOutdated(rules)
                else {
                    throw error
                }
            }
            // Decided by what is not so any more, such as the host's networks: once more, by what is.
            writer.beginChange()
            do {
                return try perform(change, in: transaction)
            } catch {
                restore(transaction)
                throw error
            }
        }
    }

    /// What the helper allows, asked anew where it can be reached.
    func rules() async -> NetworkRules {
        if let inventory = try? await reader.inventory() { return NetworkRules(inventory) }
        return known.latest
    }

    /// Compares all tunnels with the kernel and repairs what differs; nobody waits for the comparison.
    func reconcile() async throws {
        try await connectWriter()
        let inventory = try await reader.inventory()
        let tunnels = try await store.read { try $0.tunnels() }
        let wanted = Dictionary(uniqueKeysWithValues: tunnels.lazy.filter(\.isEnabled).map { ($0.id, $0) })
        var differing = Set(inventory.tunnels.filter { wanted[$0.tunnel]?.interface != $0.interface }.map(\.tunnel))
        for tunnel in wanted.values where try await differs(tunnel) { differing.insert(tunnel.id) }
        guard !differing.isEmpty else { return }
        try await connected { [self, differing] transaction in try repair(differing, in: transaction) }
    }

    /// Takes the peers from the kernel whose time ended within the period.
    func dropExpired(after start: Timestamp, upTo end: Timestamp) async throws {
        let expired = try await store.read { try $0.peersExpired(after: start, upTo: end) }
        guard !expired.isEmpty else { return }
        logger.info("peers have expired", metadata: ["count": .stringConvertible(expired.count)])
        try await write { transaction, helper in
            for peer in try transaction.peersExpired(after: start, upTo: end) {
                let tunnel = try transaction.tunnel(peer.tunnel)
                try helper.drop(try transaction.requests(in: tunnel, before: peer, after: nil, under: helper.rules))
            }
        }
    }

    /// Makes sure that the writer's connection is up, which reconciles everything if it is new.
    func connectWriter() async throws {
        try await connected { _ in }
    }

    // MARK: On the writer's queue

    /// Whether the helper allows other things now than it did.
    private func areOutdated(_ rules: NetworkRules) throws -> Bool {
        _ = try writer.inventory()
        return writer.rules != rules
    }

    /// Reconciles everything over a new connection.
    func compare(_ transaction: some StoreTransaction) {
        do {
            let inventory = try writer.inventory()
            let tunnels = try transaction.tunnels()
            faults.keep(only: Set(tunnels.map(\.id)))
            try repair(Set(tunnels.map(\.id)).union(inventory.tunnels.map(\.tunnel)), in: transaction)
        } catch {
            lose(error)
        }
    }

    /// Runs a change that may fail by itself. Secrets that it stores must be under the helper's current key: one that was
    /// sealed before the helper's restart would be missed by the resealing, which is over.
    private func perform<Result>(
        _ change: (WriteTransaction, HelperWriter) throws -> Result, in transaction: WriteTransaction
    ) throws -> Result {
        try transaction.attempt { transaction in
            transaction.state.newSecrets = []
            let result = try change(transaction, writer)
            if let key = writer.key, transaction.state.newSecrets.contains(where: { $0.keyID != key }) {
                throw HelperError.unavailable("it has another key now than it sealed a secret with")
            }
            return result
        }
    }

    /// Has the kernel be as the rows say for these tunnels. What the kernel refuses is kept as the tunnel's fault.
    private func repair(
        _ ids: Set<ObjectID>, in transaction: some StoreTransaction
    ) throws {
        let inventory = try writer.inventory()
        let tunnels = try transaction.tunnels().filter { ids.contains($0.id) }
        let wanted = Dictionary(uniqueKeysWithValues: tunnels.lazy.filter(\.isEnabled).map { ($0.id, $0) })
        // First what must go: its port or name may be what another waits for.
        for owned in inventory.tunnels
        where ids.contains(owned.tunnel) && wanted[owned.tunnel]?.interface != owned.interface {
            try attempt(owned.tunnel) { () throws(HelperError) in
                try writer.apply(plan(removing: owned))
            }
        }
        for tunnel in wanted.values {
            let desired = try transaction.desired(tunnel, under: writer.rules)
            try attempt(tunnel.id) { () throws(HelperError) in
                let actual = try writer.read(tunnel: tunnel.id, interface: tunnel.interface)
                let requests = plan(desired: desired, actual: actual)
                guard !requests.isEmpty else { return }
                logger.notice(
                    "repairing a tunnel",
                    metadata: [
                        "interface": .string("\(tunnel.interface)"), "requests": .stringConvertible(requests.count),
                    ])
                try writer.apply(requests)
            }
        }
    }

    /// Runs a repair; a refusal is remembered and shown as the tunnel's status, a lost helper is thrown.
    private func attempt(_ tunnel: ObjectID, _ repair: () throws(HelperError) -> Void) throws(HelperError) {
        do {
            try repair()
            faults[tunnel] = nil
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            faults[tunnel] = refusal.statusDetail
            logger.warning(
                "a tunnel could not be put right",
                metadata: ["tunnel": .string("\(tunnel)"), "reason": .string("\(refusal)")])
        }
    }

    /// After a change that failed, with the rows as they were: the kernel too must be as it was.
    private func restore(_ transaction: WriteTransaction) {
        guard !writer.touched.isEmpty else { return }
        do {
            try repair(Set(writer.touched.keys), in: transaction)
        } catch {
            // Gone in the middle: the next connection reconciles before any other write.
            writer.disconnect()
        }
    }

    private func differs(_ tunnel: TunnelRecord) async throws -> Bool {
        do {
            let desired = try await store.read { [known] in
                try $0.desired(try $0.tunnel(tunnel.id), under: known.latest)
            }
            let actual = try await reader.read(tunnel: tunnel.id, interface: tunnel.interface)
            if faults[tunnel.id] != nil { return true }
            return !plan(desired: desired, actual: actual).isEmpty
        } catch HelperError.refused {
            return true
        } catch StoreError.missing {
            // Deleted while the others were compared, and its interface with it.
            return false
        }
    }
}

extension Refusal {
    /// With the field where the words alone don't tell what they are about.
    fileprivate var statusDetail: String {
        switch code {
        case .policy, .limit: field.map { "\($0) \(message)" } ?? message
        case .unsealable: "a sealed key \(message)"
        default: message
        }
    }
}
