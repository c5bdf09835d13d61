import AsyncHTTPClient
import Glibc
import NIOCore
import NIOSSL
import Wire

/// Carries one delivery to where it is to go: finds the address, checks it, signs, sends, and says what came of it.
final class WebhookCourier: Sendable {
    /// How long it is waited for the address of a name.
    private static let looking = Duration.seconds(5)

    /// How many seconds what a name stands for holds.
    static let pause = Duration.seconds(5)

    let networks: WebhookNetworks
    private let roots: WebhookRoots
    private let vault: SeedVault
    private let names: EndpointNames
    private let now: @Sendable () -> Timestamp

    init(
        networks: WebhookNetworks = .standard, roots: WebhookRoots = WebhookRoots(), vault: SeedVault,
        names: EndpointNames = EndpointNames(pause: WebhookCourier.pause),
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.networks = networks
        self.roots = roots
        self.vault = vault
        self.names = names
        self.now = now
    }

    /// A connection for a row of deliveries, to be closed by whoever asks for it.
    func line() -> WebhookLine { WebhookLine(roots: roots) }

    /// Nil if the receiver has taken it.
    func deliver(_ message: WebhookMessage, to webhook: WebhookRecord, over line: WebhookLine) async -> WebhookFault? {
        do {
            let secret = try vault.openWebhookSecret(webhook.sealedSecret, of: webhook.id)
            let address = try await address(of: webhook)
            let fields = message.fields(signedBy: secret, at: now())
            return WebhookFault(status: try await line.post(message.body, fields, to: webhook.url, at: address))
        } catch {
            await line.close()
            return Self.fault(of: error)
        }
    }

    /// Forgets what all other names stood for.
    func keep(only webhooks: [WebhookRecord]) {
        names.keep(only: Set(webhooks.compactMap(\.url.name)))
    }

    /// One that may be called. Where a name has several, each attempt that follows a failure takes another.
    private func address(of webhook: WebhookRecord) async throws -> IPAddress {
        switch webhook.url.host {
        case .address(let address):
            if let objection = networks.objection(to: address) {
                throw WebhookFault.forbidden(address: address, objection: objection)
            }
            return address
        case .name(let name):
            let answer = await names.lookUp(name, within: Self.looking)
            guard let first = answer.addresses.first else {
                throw WebhookFault.unresolved(name: name.description, reason: answer.fault ?? "it has no address")
            }
            let allowed = answer.addresses.filter { networks.objection(to: $0) == nil }
            guard !allowed.isEmpty else {
                throw WebhookFault.forbidden(address: first, objection: networks.objection(to: first) ?? "")
            }
            return allowed[webhook.progress.failures % allowed.count]
        }
    }

    // MARK: Words

    private static func fault(of error: any Error) -> WebhookFault {
        switch error {
        case let fault as WebhookFault: fault
        case let failure as SeedVault.Failure: .unsigned(reason: failure.description)
        case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout:
            .noConnection(reason: "none within \(WebhookLine.connecting.nanoseconds / 1_000_000_000) seconds")
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout: .tooSlow
        case let error as HTTPClientError: .interrupted(reason: error.shortDescription)
        case let error as IOError:
            .noConnection(reason: strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            .untrusted(reason: "the certificate is another host's")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .untrusted(reason: words(ofTLS: error))
        default: .interrupted(reason: "\(type(of: error))")
        }
    }

    /// BoringSSL's own word, such as `CERTIFICATE_VERIFY_FAILED`, which stands among places in its source.
    private static func words(ofTLS error: any Error) -> String {
        let text = "\(error)"
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return "\(type(of: error))" }
        return String(text[mark.upperBound...].prefix { $0.isLetter || $0 == "_" })
    }
}
