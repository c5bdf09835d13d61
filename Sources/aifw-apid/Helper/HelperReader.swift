import Dispatch
import Synchronization
import Wire

/// The connection for reading: status, inventory, sealing and revealing, none of which waits for a write.
///
/// Calls run one after the other on a queue of their own. A connection that broke while nothing was asked is made anew and
/// the call repeated once: everything asked here may be asked twice.
final class HelperReader: Sendable {
    private let queue = DispatchQueue(label: "helper-read")
    private let line: Line
    private let rules: KnownRules
    private let inventoryWaiters = Mutex<[CheckedContinuation<Inventory.Answer, any Error>]>([])

    /// - Parameter rules: where what every inventory says is kept.
    init(path: String, rules: KnownRules, meter: HelperMeter) {
        line = Line(HelperDialer(path: path, channel: .read, meter: meter))
        self.rules = rules
    }

    func call<Asked: Verb>(_ verb: Asked) async throws -> Asked.Answer {
        try await perform { connection throws(HelperError) in try connection.call(verb) }
    }

    /// A tunnel's interface and all its peers; nil if it is not there.
    func read(tunnel: ObjectID, interface: TunnelInterface) async throws -> ActualTunnel? {
        try await perform { connection throws(HelperError) in
            try connection.read(ReadTunnel(tunnel: tunnel, interface: interface))
        }
    }

    func read(_ verb: ReadAssociations) async throws -> ActualAssociations {
        try await perform { connection throws(HelperError) in try connection.read(verb) }
    }

    func loadedRules() async throws -> LoadedRules {
        try await perform { connection throws(HelperError) in try connection.loadedRules() }
    }

    /// A tunnel's interface by its alias, without peers; nil if no tunnel of ours has it.
    func owner(of interface: TunnelInterface) async throws -> Inventory.Owned? {
        try await call(Inventory(.interface(interface))).tunnels.first
    }

    /// What the helper allows, and which of the host's own networks are near these.
    func rules(near networks: [Prefix]) async throws -> NetworkRules {
        NetworkRules(try await call(Inventory(.networks(networks))))
    }

    /// What the host has. Whoever asks while an earlier question is still waiting shares one reading that begins after both.
    func inventory() async throws -> Inventory.Answer {
        try await withCheckedThrowingContinuation { continuation in
            let first = inventoryWaiters.withLock { waiters in
                waiters.append(continuation)
                return waiters.count == 1
            }
            guard first else { return }
            queue.async { [self] in
                let waiters = inventoryWaiters.withLock { waiters in
                    defer { waiters = [] }
                    return waiters
                }
                let result = Result {
                    try onLine { connection throws(HelperError) in try connection.call(Inventory()) }
                }
                if case .success(let inventory) = result { rules.learn(inventory) }
                for waiter in waiters { waiter.resume(with: result) }
            }
        }
    }

    /// Which connection since the start this is, connecting if need be: another number is another helper, or one that may
    /// have missed something. Nil if nobody answers.
    func generation() async -> Int? {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                if line.connection?.isOpen != true {
                    line.connection = try? line.dialer.connect()
                }
                continuation.resume(returning: line.connection == nil ? nil : line.generation)
            }
        }
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (HelperConnection) throws(HelperError) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in continuation.resume(with: Result { try onLine(body) }) }
        }
    }

    /// On the queue: with the connection, which is made if there is none.
    private func onLine<Value>(_ body: (HelperConnection) throws(HelperError) -> Value) throws(HelperError) -> Value {
        if let connection = line.connection, connection.isOpen {
            do {
                return try timed(connection, body)
            } catch {
                // It may have been restarted in this very moment; one that hangs is not asked twice.
                guard case .unavailable = error else { throw error }
            }
        }
        let connection = try line.dialer.connect()
        line.connection = connection
        return try timed(connection, body)
    }

    private func timed<Value>(
        _ connection: HelperConnection, _ body: (HelperConnection) throws(HelperError) -> Value
    ) throws(HelperError) -> Value {
        let start = ContinuousClock.now
        do {
            return try body(connection)
        } catch {
            if case .unavailable = error {
                line.connection = nil
                line.dialer.noteFailure(since: start)
            }
            throw error
        }
    }

    /// The connection, which only the queue touches.
    private final class Line: @unchecked Sendable {
        var connection: HelperConnection? {
            didSet { if connection != nil { generation += 1 } }
        }
        private(set) var generation = 0
        let dialer: HelperDialer

        init(_ dialer: HelperDialer) { self.dialer = dialer }
    }
}
