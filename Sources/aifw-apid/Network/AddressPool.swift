import Wire

/// The addresses of one network that peers may have: all but the network's own, its broadcast address, IPv6's zero
/// (anycast) address, and what the tunnel itself has.
///
/// The lowest free one is found by a walk over the ranges in use, never over the addresses, so that a /8 or a /64 costs no
/// more than a /30.
struct AddressPool: Sendable, Equatable {
    /// The lowest and highest address that the network lends, the tunnel's own not yet left out; nil for /32 and /128.
    let bounds: ClosedRange<UInt128>?
    let family: IPAddress.Family
    private let own: Set<UInt128>

    /// - Parameter own: the tunnel's own addresses, of any network.
    init(_ network: Prefix, own: [IPAddress]) {
        family = network.family
        self.own = Set(own.filter { $0.family == network.family }.map(\.bits))
        let first = network.address.bits
        let last = network.last.bits
        switch (network.family, network.family.width - network.length) {
        case (_, 0): bounds = nil
        case (_, 1): bounds = first...last  // RFC 3021, RFC 6164: both ends are hosts
        case (.v4, _): bounds = first + 1...last - 1
        case (.v6, _): bounds = first + 1...last
        }
    }

    /// Whether a peer may have the address at all, in use or not.
    func lends(_ address: IPAddress) -> Bool {
        address.family == family && bounds?.contains(address.bits) == true && !own.contains(address.bits)
    }

    /// The lowest free address, or nil if there is none.
    ///
    /// - Parameters:
    ///   - hint: an address below which none is free; what is below it is not looked at.
    ///   - used: the ranges in use, in the order of their first addresses; ranges may nest.
    func lowestFree(
        from hint: UInt128 = 0, used: some Sequence<ClosedRange<UInt128>>
    ) -> IPAddress? {
        guard var walk = Walk(self, from: hint) else { return nil }
        for range in used where !walk.meets(range) { break }
        return walk.result
    }

    /// The lowest free addresses, `count` of them or as many as there are; the ranges in use as above.
    func lowestFree(_ count: Int, used: some Sequence<ClosedRange<UInt128>>) -> [IPAddress] {
        guard var walk = Walk(self) else { return [] }
        var free: [IPAddress] = []
        func take(before end: UInt128?) {
            while free.count < count, let candidate = walk.candidate, end.map({ candidate < $0 }) ?? true {
                free.append(IPAddress(family, bits: candidate))
                _ = walk.meets(candidate...candidate)
            }
        }
        for range in used where free.count < count {
            take(before: range.lowerBound)
            _ = walk.meets(range)
        }
        take(before: nil)
        return free
    }

    /// The walk itself, fed with one range in use after the other, so that a database cursor can be its source.
    struct Walk {
        private let pool: AddressPool
        private let last: UInt128
        /// The lowest address that nothing met so far uses; nil when all are in use.
        private(set) var candidate: UInt128?

        /// Nil if the pool lends nothing from `hint` on.
        init?(_ pool: AddressPool, from hint: UInt128 = 0) {
            guard let bounds = pool.bounds, hint <= bounds.upperBound else { return nil }
            self.pool = pool
            last = bounds.upperBound
            moveTo(max(hint, bounds.lowerBound))
        }

        /// Takes note of the next range in use; false when no later one can matter.
        ///
        /// Ranges come in the order of their first addresses; those that begin below the candidate may come in any order.
        mutating func meets(_ range: ClosedRange<UInt128>) -> Bool {
            guard let candidate, range.lowerBound <= candidate else { return false }
            if range.upperBound >= candidate { moveTo(after: range.upperBound) }
            return self.candidate != nil
        }

        var result: IPAddress? { candidate.map { IPAddress(pool.family, bits: $0) } }

        private mutating func moveTo(after address: UInt128) {
            // An address at the very end of its family has none behind it.
            if address >= last { candidate = nil } else { moveTo(address + 1) }
        }

        private mutating func moveTo(_ address: UInt128) {
            var address = address
            while pool.own.contains(address) {
                guard address < last else {
                    candidate = nil
                    return
                }
                address += 1
            }
            candidate = address
        }
    }
}
