import Wire

/// Where a connection stands: what it may ask follows from it (``Permissions``). A value without I/O.
struct Session: Equatable {
    enum State: CaseIterable {
        /// Connected; nothing but a greeting is taken.
        case greeting
        /// The one connection that changes things.
        case writing
        /// The one connection that looks.
        case reading
    }

    private(set) var state = State.greeting

    /// The seat that the connection has; nil before its greeting.
    var channel: Greet.Channel? {
        switch state {
        case .greeting: nil
        case .writing: .write
        case .reading: .read
        }
    }

    /// Takes a request in, or refuses it.
    ///
    /// - Parameter taken: the seats of the other connections that are alive. Who sits keeps the seat: a client that comes
    ///   back after a crash finds its old connection closed by the kernel, so a seat that is taken is somebody's.
    mutating func admit(_ request: Request, taken: Set<Greet.Channel>) throws(Refusal) {
        guard Permissions.permits(request.kind, in: state) else {
            throw Refusal(.outOfOrder, "\(request.kind.rawValue) is not taken \(words)")
        }
        guard case .greet(let greet) = request else { return }
        guard greet.version == Greet.protocolVersion else {
            throw Refusal(
                .malformed,
                "the helper speaks \(Greet.protocolVersion), not \(greet.version); update both daemons together",
                field: "protocol")
        }
        guard !taken.contains(greet.channel) else {
            throw Refusal(.limit, "another connection has the \(greet.channel.rawValue) channel", field: "channel")
        }
        switch greet.channel {
        case .write: state = .writing
        case .read: state = .reading
        }
    }

    /// Whether the connection ends with this refusal: one that was not even let in has no other use.
    func ends(with refusal: Refusal) -> Bool { refusal.closesConnection || state == .greeting }

    private var words: String {
        switch state {
        case .greeting: "before greet"
        case .writing: "on the write channel"
        case .reading: "on the read channel"
        }
    }
}
