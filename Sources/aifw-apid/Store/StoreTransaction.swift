import GRDB
import Wire

/// What can be asked within a transaction, whether it reads or writes; the questions are in extensions.
///
/// It is good only within the closure that it is given to.
protocol StoreTransaction {
    var database: Database { get }
    /// Where the search for free addresses begins.
    var hints: AddressHints { get }
    /// The time at which it began: what it writes and what it finds expired goes by it.
    var now: Timestamp { get }
}

/// A snapshot of what is committed.
struct ReadTransaction: StoreTransaction {
    let database: Database
    let hints: AddressHints
    let now: Timestamp
}

/// One change: all of it is written, or nothing.
struct WriteTransaction: StoreTransaction {
    let database: Database
    let state: GroupState
    let now: Timestamp
    /// The request with an idempotency key whose doing it is; nil for all others.
    let request: IdempotentRequest?

    var hints: AddressHints { state.hints }
}
