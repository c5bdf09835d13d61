import NIOSSL
import Synchronization

/// The certificate and key that are shown now: what all TLS listeners share, and a reload replaces.
final class TLSIdentity: Sendable {
    private let held: Mutex<(version: Int, configuration: TLSConfiguration)>

    init(_ configuration: TLSConfiguration) { held = Mutex((0, configuration)) }

    /// The configuration, and a number that is another one after each ``replace(with:)``.
    var current: (version: Int, configuration: TLSConfiguration) { held.withLock { $0 } }

    /// From now on, new connections are shown this. Those that are open go on.
    func replace(with configuration: TLSConfiguration) {
        held.withLock { $0 = ($0.version + 1, configuration) }
    }
}
