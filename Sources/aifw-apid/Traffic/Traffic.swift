/// Bytes through a tunnel, seen from this host: what came from its peers, and what was sent to them.
struct Traffic: Sendable, Equatable {
    var received: UInt64 = 0
    var sent: UInt64 = 0

    static func += (total: inout Traffic, more: Traffic) {
        total.received &+= more.received
        total.sent &+= more.sent
    }
}
