import Logging
import ServiceLifecycle
import Wire

/// The service that writes what the ledger has into the store: every five minutes, and all of it at the end.
///
/// It is to end after who books.
struct TrafficKeeper: Service {
    let plane: ControlPlane
    var period = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: period)
                // Not a child, neither here nor below: shutdown cancels those, and what has begun is to be done.
                if !Task.isCancelled { await Task { await write(isLast: false) }.value }
            }
        }
        await Task {
            // What has flowed since the last observation is lost if the host ends too.
            if let observation = try? await plane.observe() { plane.ledger.book(observation) }
            await write(isLast: true)
        }.value
    }

    /// Writes totals, then slots, in transactions that are short, for other writes wait for them. Each is right by itself.
    ///
    /// - Parameter isLast: with the slot that is under way.
    func write(isLast: Bool) async {
        do {
            try await writeTotals()
            try await writeSlots(isLast: isLast)
            try await plane.store.write { try $0.pruneTraffic() }
        } catch {
            plane.logger.error("traffic could not be stored", metadata: ["error": .string("\(error)")])
        }
    }

    private func writeTotals() async throws {
        var isMore = true
        while isMore {
            isMore = try await plane.store.write { [ledger = plane.ledger] transaction in
                let totals = ledger.takeUnsaved()
                try transaction.store(totals, orElse: ledger.giveBack)
                return !totals.tunnels.isEmpty
            }
        }
    }

    private func writeSlots(isLast: Bool) async throws {
        let (store, ledger) = (plane.store, plane.ledger)
        let slots = ledger.takeSlots(isLast: isLast)
        do {
            let rows = try await store.read { transaction in
                var rows = TrafficRows(slots)
                try rows.add { try transaction.slot($2, of: $0, in: $1) }
                return rows
            }
            try await store.write { try $0.store(rows) }
        } catch {
            ledger.settle(isStored: false)
            throw error
        }
        ledger.settle(isStored: true)
    }
}
