import NIOSSL
import Synchronization

/// The certificate and key that are shown now: what all TLS listeners share, and a reload replaces.
final class TLSIdentity: Sendable {
    private let held: Mutex<(version: Int, pair: ServerCertificate.Loaded)>

    init(_ pair: ServerCertificate.Loaded) { held = Mutex((0, pair)) }

    /// The configuration, and a number that is another one after each ``replace(with:)``.
    var current: (version: Int, configuration: TLSConfiguration) {
        held.withLock { ($0.version, $0.pair.configuration) }
    }

    /// What is shown.
    var pair: ServerCertificate.Loaded { held.withLock { $0.pair } }

    /// From now on, new connections are shown this. Those that are open go on.
    func replace(with pair: ServerCertificate.Loaded) {
        held.withLock { $0 = ($0.version + 1, pair) }
    }
}
