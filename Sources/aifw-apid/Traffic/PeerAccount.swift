/// What one peer has carried, and by which counters of the kernel that is known.
struct PeerAccount: Sendable, Equatable {
    /// Stands for the peer in the slots of its tunnel; no other peer of it ever gets the same.
    let number: UInt32
    var total = Traffic()
    /// What the counters last were.
    private(set) var counted = Traffic()
    /// The interface in which they were that; nil if the peer is in none since.
    private(set) var interface: UInt32?
    /// What of the total is not in the store yet.
    var unsaved = Traffic()
    /// Whether the store has all of it.
    var isSaved = false
    /// The hash of its public key; nil until it is observed.
    var key: Int?

    init(number: UInt32) { self.number = number }

    /// As the store has it.
    init(number: UInt32, total: Traffic, counted: Traffic, interface: UInt32?, key: Int) {
        self.number = number
        self.total = total
        self.counted = counted
        self.interface = interface
        self.key = key
        isSaved = true
    }

    /// Adds what the counters have grown by, and returns it.
    ///
    /// They begin at 0 with each interface, and whenever the peer is made anew. Where nobody has told of that, one that is
    /// lower than before shows it; both do so at once.
    mutating func book(_ now: Traffic, in interface: UInt32) -> Traffic {
        let goesOn = interface == self.interface && now.received >= counted.received && now.sent >= counted.sent
        let growth = goesOn ? now - counted : now
        if now != counted || (interface != self.interface && !now.isNone) { isSaved = false }
        self.interface = interface
        counted = now
        total += growth
        unsaved += growth
        return growth
    }

    /// The kernel does not have the peer any more: its counters will begin at 0.
    mutating func leave() {
        if !counted.isNone { isSaved = false }
        counted = Traffic()
        interface = nil
    }
}
