/// Where and when counters were read: those of another interface have nothing to do with them, and two readings can be put
/// in their order only if one had ended before the other began.
struct CounterReading: Sendable, Equatable {
    /// The kernel's index of the interface, which no later one gets again until the next boot.
    let interface: UInt32
    let began: ContinuousClock.Instant
    let ended: ContinuousClock.Instant
}
