import Logging
import Wire

/// Where what should be and what is meet: changes of the store that reach the kernel, and repairs.
///
/// A change runs on the store's writer queue with the helper's write connection in its hand; the kernel's part is done inside
/// the open transaction and the commit comes last. So a 2xx means durable and applied, and a refusal means neither.
final class ControlPlane: Sendable {
    let store: Store
    let reader: HelperReader
    let faults = RepairFaults()
    let known = KnownRules()
    let names: EndpointNames
    /// Told of after every change that was done, and every comparison with the kernel.
    let changes = Changes()
    let writer: HelperWriter
    let ledger: TrafficLedger
    let logger: Logger
    let meters: Meters

    init(
        store: Store, helperSocket: String, logger: Logger, names: EndpointNames = EndpointNames(),
        meters: Meters = Meters()
    ) {
        self.store = store
        self.logger = logger
        self.names = names
        self.meters = meters
        reader = HelperReader(path: helperSocket, rules: known, meter: meters.helper)
        ledger = TrafficLedger(clock: { store.now })
        writer = HelperWriter(path: helperSocket, rules: known, meter: meters.helper, ledger: ledger)
        // The kernel has been told of changes that are not on the disk: as after a restart, all of it is compared.
        store.onLostCommit { [self] transaction in
            writer.disconnect()
            _ = connect(transaction)
        }
        store.onDeletedTunnels { [ledger] in ledger.forget($0) }
    }

    /// Runs `change` with the writer in hand. If it throws, neither the database nor the kernel is changed.
    ///
    /// The helper is connected first, and reconciled if it is a new one; if it can't be reached, only what needs it fails.
    func write<Result: Sendable>(
        _ change: @escaping @Sendable (WriteTransaction, HelperWriter) throws -> Result
    ) async throws -> Result {
        let result = try await connected { [self] transaction in
            writer.beginChange()
            let rules = writer.rules
            do {
                return try perform(change, in: transaction)
            } catch {
                restore(transaction)
                guard try mayPassNow(error, decidedUnder: rules) else { throw error }
            }
            writer.beginChange()
            do {
                return try perform(change, in: transaction)
            } catch {
                restore(transaction)
                throw error
            }
        }
        changes.tell()
        return result
    }

    /// What the helper allows of these networks, asked anew where it can be reached.
    func rules(for networks: [Prefix]) async -> NetworkRules {
        guard networks.count <= Inventory.networkLimit, let rules = try? await reader.rules(near: networks) else {
            return known.latest
        }
        return rules
    }

    /// Takes the peers from the kernel whose time ended within the period. One that is refused keeps no other: it is left to
    /// the next comparison, which shows why.
    func dropExpired(after start: Timestamp, upTo end: Timestamp) async throws {
        let expired = try await store.read { try $0.peersExpired(after: start, upTo: end) }
        guard !expired.isEmpty else { return }
        logger.info("peers have expired", metadata: ["count": .stringConvertible(expired.count)])
        try await write { [self] transaction, helper in
            for peer in try transaction.peersExpired(after: start, upTo: end) {
                let tunnel = try transaction.tunnel(peer.tunnel)
                let requests = try transaction.requests(in: tunnel, before: peer, after: nil, under: helper.rules)
                do throws(HelperError) {
                    try helper.drop(requests)
                } catch {
                    guard case .refused(let refusal) = error else { throw error }
                    warn(of: refusal, as: .tunnel(tunnel.id, tunnel.interface))
                }
            }
        }
    }

    /// Makes sure that the writer's connection is up, which reconciles everything if it is new.
    func connectWriter() async throws {
        try await connected { _ in }
    }

    // MARK: On the writer's queue

    /// Whether a change that was refused, and undone, is to be tried once more, for what decided it is not so any more.
    private func mayPassNow(_ error: any Error, decidedUnder rules: NetworkRules) throws -> Bool {
        guard case HelperError.refused(let refusal) = error else { return false }
        switch refusal.code {
        case .policy:
            // The host's networks may have become others.
            _ = try writer.inventory()
            return writer.rules != rules
        // Somebody may have flushed the anchor: to restore was to put that right.
        case .filter: return faults.filterFault == nil
        case .malformed, .unknownVerb, .outOfOrder, .limit, .notOurs, .notFound, .unsealable, .kernel, .launcher, .rate:
            return false
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
            try transaction.store(ledger.takeDeparted(), orElse: ledger.giveBack)
            return result
        }
    }
}
