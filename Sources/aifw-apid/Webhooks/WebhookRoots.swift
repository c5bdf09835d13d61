import NIOSSL
import Synchronization

/// The certificates that receivers are trusted by: the system's, and those of the setting `webhook-ca`.
///
/// Read when the first receiver is called by https, and again after an hour, for the system keeps them up to date; one
/// reading serves all webhooks.
final class WebhookRoots: Sendable {
    /// Where systems keep them: Debian and its kin, then Fedora's.
    private static let bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
    private static let lifetime = Duration.seconds(3600)

    private let own: [NIOSSLCertificate]
    private let known = Mutex<(certificates: [NIOSSLCertificate], read: ContinuousClock.Instant)?>(nil)

    /// - Parameter own: those that are trusted beside the system's.
    init(own: [NIOSSLCertificate] = []) { self.own = own }

    /// With what is in a PEM file; nil for the system's alone.
    convenience init(path: String?) throws {
        self.init(own: try path.map { try NIOSSLCertificate.fromPEMFile($0) } ?? [])
    }

    var all: [NIOSSLCertificate] {
        known.withLock { known in
            if let known, .now - known.read < Self.lifetime { return known.certificates }
            let system = Self.bundles.lazy.compactMap { try? NIOSSLCertificate.fromPEMFile($0) }.first ?? []
            known = (own + system, .now)
            return own + system
        }
    }
}
