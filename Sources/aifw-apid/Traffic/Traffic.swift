/// Bytes through a tunnel, seen from this host: what came from its peers, and what was sent to them.
struct Traffic: Sendable, Equatable {
    var received: UInt64 = 0
    var sent: UInt64 = 0

    var isNone: Bool { received == 0 && sent == 0 }

    static func += (total: inout Traffic, more: Traffic) {
        total.received &+= more.received
        total.sent &+= more.sent
    }

    static func -= (total: inout Traffic, less: Traffic) {
        total.received &-= less.received
        total.sent &-= less.sent
    }

    static func - (total: Traffic, less: Traffic) -> Traffic {
        var rest = total
        rest -= less
        return rest
    }
}
