import FoundationEssentials
import Logging
import ServiceLifecycle
import UnixSignals

/// Keeps the certificate that is shown up to date, without a restart: on SIGHUP it is read again, and our own is made anew
/// before it ends. New connections are shown the new one; those that are open go on.
///
/// What can't be used is told in the log, and the former one stays.
struct CertificateUpkeep: Service {
    /// How often is looked whether it ends soon.
    static let interval = Duration.seconds(12 * 3600)

    let certificate: ServerCertificate
    /// Whether it is one of our making.
    let isOwn: Bool
    let identity: TLSIdentity
    let logger: Logger
    var now: @Sendable () -> Date = { Date() }

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in hangups.cancelOnGracefulShutdown() { reload() }
            }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    // Ends by being cancelled.
                    while (try? await Task.sleep(for: Self.interval)) != nil { check() }
                }
            }
        }
    }

    /// Reads it again, as SIGHUP asks for.
    func reload() {
        do {
            if isOwn { _ = try certificate.makeUnlessPresent(names: ServerCertificate.names, now: now()) }
            show("read the certificate again", try certificate.load())
        } catch {
            keep(error)
        }
    }

    /// Makes our own anew if it ends soon; says so of a given one, whatever its file has come to hold.
    func check() {
        do {
            if isOwn {
                guard try certificate.makeUnlessPresent(names: ServerCertificate.names, now: now()) else { return }
                show("made a new certificate, for the former one ends soon", try certificate.load())
            } else {
                let shown = identity.pair
                Self.warn(of: shown, at: certificate, now: now(), logger)
                let found = try certificate.load()
                guard shown.endsSoon(at: now()), found.end > shown.end else { return }
                logger.warning(
                    "the certificate's file has a newer one, which is shown after a reload",
                    metadata: ["file": .string(certificate.certificatePath), "ends": .string(found.endText)])
            }
        } catch {
            keep(error)
        }
    }

    /// Says so if a given certificate ends soon, or has ended.
    static func warn(
        of loaded: ServerCertificate.Loaded, at certificate: ServerCertificate, now: Date, _ logger: Logger
    ) {
        guard loaded.endsSoon(at: now) else { return }
        logger.warning(
            loaded.end < now ? "the certificate has ended" : "the certificate ends soon",
            metadata: ["file": .string(certificate.certificatePath), "ends": .string(loaded.endText)])
    }

    private func show(_ what: Logger.Message, _ loaded: ServerCertificate.Loaded) {
        identity.replace(with: loaded)
        logger.notice(
            what, metadata: ["file": .string(certificate.certificatePath), "ends": .string(loaded.endText)])
        if !isOwn { Self.warn(of: loaded, at: certificate, now: now(), logger) }
    }

    private func keep(_ error: any Error) {
        logger.error(
            "a certificate can't be used, the former one stays", metadata: ["error": .string("\(error)")])
    }
}
