import Wire

/// The connection for writing. Only the queue that owns the store's writer touches it, so that what is in the kernel and
/// what is in the transaction can't come apart.
final class HelperWriter: @unchecked Sendable {
    private let dialer: HelperDialer
    private var connection: HelperConnection? {
        didSet { resealing = nil }
    }
    /// What is to be done over the connection before everything else; nil if nothing is.
    var resealing: Resealing?
    /// What was asked to change since ``beginChange()``, whether or not it did.
    private(set) var touched = KernelParts()
    private let known: KnownRules
    private let ledger: TrafficLedger

    /// - Parameters:
    ///   - rules: where what every inventory says is kept.
    ///   - ledger: where counters are booked before they are gone.
    init(path: String, rules: KnownRules, meter: HelperMeter, ledger: TrafficLedger) {
        dialer = HelperDialer(path: path, channel: .write, meter: meter)
        known = rules
        self.ledger = ledger
    }

    /// What the helper allows, as it last said.
    var rules: NetworkRules { known.latest }

    /// The helper's current master key; nil without a connection.
    var key: SealingKeyID? { connection?.greeting?.key }

    /// The host's packet filter, as the helper said when it was connected; nil without a connection.
    var filter: FilterBackend? { connection?.greeting?.filter }

    /// Makes sure of a connection. True if it is a new one: then the kernel may be in any state and has to be reconciled
    /// before anything else is written.
    func connect() throws(HelperError) -> Bool {
        if connection?.isOpen == true { return false }
        connection = nil
        connection = try dialer.connect()
        return true
    }

    /// Forgets the connection, so that the next ``connect()`` is a new one.
    func disconnect() { connection = nil }

    func beginChange() { touched = KernelParts() }

    func call<Asked: Verb>(_ verb: Asked) throws(HelperError) -> Asked.Answer {
        try timed { connection throws(HelperError) in try connection.call(verb) }
    }

    /// Whether somebody else has an interface of that name.
    func isForeign(_ interface: TunnelInterface) throws(HelperError) -> Bool {
        try !call(Inventory(.interface(interface))).foreign.isEmpty
    }

    func inventory() throws(HelperError) -> Inventory.Answer {
        let inventory = try call(Inventory())
        known.learn(inventory)
        return inventory
    }

    func read(tunnel: ObjectID, interface: TunnelInterface) throws(HelperError) -> ActualTunnel? {
        try timed { connection throws(HelperError) in
            try connection.read(ReadTunnel(tunnel: tunnel, interface: interface))
        }
    }

    func read(_ verb: ReadAssociations) throws(HelperError) -> ActualAssociations {
        try timed { connection throws(HelperError) in try connection.read(verb) }
    }

    func loadedRules() throws(HelperError) -> LoadedRules {
        try timed { connection throws(HelperError) in try connection.loadedRules() }
    }

    /// Has the requests of a plan done, in order; stops at the first that is refused.
    func apply(_ requests: [Request]) throws(HelperError) {
        bookCounters(before: requests)
        for request in requests {
            switch request {
            case .applyTunnel(let verb):
                touched.tunnels.insert(verb.tunnel)
                _ = try call(verb)
            case .applyPeers(let verb):
                touched.tunnels.insert(verb.tunnel)
                _ = try call(verb)
                if !verb.remove.isEmpty { ledger.remove(verb.remove, of: verb.tunnel) }
            case .removeTunnel(let verb):
                touched.tunnels.insert(verb.tunnel)
                _ = try call(verb)
                ledger.remove(of: verb.tunnel)
            case .applyRules(let verb):
                touched.rules = true
                _ = try call(verb)
            case .applyAssociations(let verb):
                touched.associations = true
                _ = try call(verb)
            case .greet, .seal, .reseal, .reveal, .readTunnel, .inventory, .readRules, .readAssociations:
                preconditionFailure("a plan holds changes only")
            }
        }
    }

    /// The same for requests that only take something away: an interface that is not there has none of it.
    func drop(_ requests: [Request]) throws(HelperError) {
        do {
            try apply(requests)
        } catch {
            guard case .refused(let refusal) = error, refusal.code == .notFound else { throw error }
        }
    }

    /// Books the counters of what is about to be removed: they go with it.
    private func bookCounters(before requests: [Request]) {
        var interfaces: [ObjectID: TunnelInterface] = [:]
        for request in requests {
            switch request {
            case .applyPeers(let verb) where !verb.remove.isEmpty && ledger.isWorthReading(verb.tunnel, whole: false):
                interfaces[verb.tunnel] = verb.interface
            case .removeTunnel(let verb) where ledger.isWorthReading(verb.tunnel, whole: true):
                interfaces[verb.tunnel] = verb.interface
            default: break
            }
        }
        for (tunnel, interface) in interfaces {
            // A helper that does not answer is met by the removal itself.
            guard let actual = try? read(tunnel: tunnel, interface: interface) else { continue }
            ledger.book(actual, of: tunnel)
        }
    }

    private func timed<Value>(_ body: (HelperConnection) throws(HelperError) -> Value) throws(HelperError) -> Value {
        // A write must not slip in on a connection that has not been reconciled: only `connect()` makes one.
        guard let connection else { throw HelperError.unavailable("nobody answers at \(dialer.path)") }
        let start = ContinuousClock.now
        do {
            return try body(connection)
        } catch {
            if case .unavailable = error { dialer.noteFailure(since: start) }
            throw error
        }
    }
}
