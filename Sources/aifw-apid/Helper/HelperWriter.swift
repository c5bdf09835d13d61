import Wire

/// The connection for writing. Only the queue that owns the store's writer touches it, so that what is in the kernel and
/// what is in the transaction can't come apart.
final class HelperWriter: @unchecked Sendable {
    private let path: String
    private var connection: HelperConnection?
    /// Whose interface was asked to change since ``beginChange()``, whether or not it did.
    private(set) var touched: [ObjectID: TunnelInterface] = [:]

    init(path: String) { self.path = path }

    /// Makes sure of a connection. True if it is a new one: then the kernel may be in any state and has to be reconciled
    /// before anything else is written.
    func connect() throws(HelperError) -> Bool {
        if connection?.isOpen == true { return false }
        connection = nil
        connection = try HelperConnection(path: path, channel: .write)
        return true
    }

    /// Forgets the connection, so that the next ``connect()`` is a new one.
    func disconnect() { connection = nil }

    func beginChange() { touched = [:] }

    func call<Asked: Verb>(_ verb: Asked) throws(HelperError) -> Asked.Answer {
        try line().call(verb)
    }

    func read(tunnel: ObjectID, interface: TunnelInterface) throws(HelperError) -> ActualTunnel? {
        try line().read(ReadTunnel(tunnel: tunnel, interface: interface))
    }

    /// Has the requests of a plan done, in order; stops at the first that is refused.
    func apply(_ requests: [Request]) throws(HelperError) {
        for request in requests {
            switch request {
            case .applyTunnel(let verb):
                touched[verb.tunnel] = verb.interface
                _ = try call(verb)
            case .applyPeers(let verb):
                touched[verb.tunnel] = verb.interface
                _ = try call(verb)
            case .removeTunnel(let verb):
                touched[verb.tunnel] = verb.interface
                _ = try call(verb)
            case .greet, .seal, .reveal, .readTunnel, .inventory:
                preconditionFailure("a plan holds changes only")
            }
        }
    }

    private func line() throws(HelperError) -> HelperConnection {
        // A write must not slip in on a connection that has not been reconciled: only `connect()` makes one.
        guard let connection else { throw HelperError.unavailable("nobody answers at \(path)") }
        return connection
    }
}
