import Synchronization
import Wire

/// What the last attempts to put things right failed at, in the words of the kernel and the packet filter. In memory only: it
/// is a reading, not intent.
final class RepairFaults: Sendable {
    private struct State {
        var objects: [ObjectID: String] = [:]
        var filter: String?
    }

    private let state = Mutex(State())

    /// Of a tunnel or an association itself.
    subscript(object: ObjectID) -> String? {
        get { state.withLock { $0.objects[object] } }
        set { state.withLock { $0.objects[object] = newValue } }
    }

    /// Of the rules, which all that is enabled waits for.
    var filterFault: String? {
        get { state.withLock { $0.filter } }
        set { state.withLock { $0.filter = newValue } }
    }

    /// What an object's status shows: its own fault first.
    func fault(of object: ObjectID, isEnabled: Bool) -> String? {
        state.withLock { $0.objects[object] ?? (isEnabled ? $0.filter : nil) }
    }

    /// Whether any of these objects has one of its own.
    func isAny(of objects: some Sequence<ObjectID>) -> Bool {
        state.withLock { state in objects.contains { state.objects[$0] != nil } }
    }

    /// Forgets the faults of objects that are no more.
    func keep(only objects: Set<ObjectID>) {
        state.withLock { $0.objects = $0.objects.filter { objects.contains($0.key) } }
    }
}
