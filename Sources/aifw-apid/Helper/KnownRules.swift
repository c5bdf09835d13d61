import Synchronization
import Wire

/// The rules of the last inventory that the helper gave on either connection: what is answered beforehand goes by them.
final class KnownRules: Sendable {
    private let rules = Mutex(NetworkRules.standard)

    var latest: NetworkRules { rules.withLock { $0 } }

    func learn(_ inventory: Inventory.Answer) { rules.withLock { $0 = NetworkRules(inventory) } }
}
