import Daemon
import FoundationEssentials
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals
import Wire

/// The API daemon: settings → certificate → services, until SIGTERM or SIGINT.
@main
enum Apid {
    static let version = "0.1.0"

    /// Not async: the cage has to be entered before there is a second thread, and the runtime of Swift's concurrency
    /// starts some before an async `main`.
    static func main() {
        do {
            let options = CommandLineOptions(Array(CommandLine.arguments.dropFirst()))
            switch options.action {
            case .help: print(CommandLineOptions.help)
            case .version: print("aifw-apid \(version)")
            case .check: print(try settings(options).report)
            case .run: try run(try settings(options))
            }
        } catch {
            end(error)
        }
    }

    private static func end(_ error: any Error) -> Never {
        complain("\(error)")
        exit(error is SettingsError ? EX_USAGE : EXIT_FAILURE)
    }

    private static func settings(_ options: CommandLineOptions) throws(SettingsError) -> Settings {
        var environment: [String: String] = [:]
        var variable = environ
        while let entry = variable.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            variable += 1
        }
        return try Settings(options, environment: environment, standardFile: CommandLineOptions.standardFile)
    }

    /// Enters the cage, then serves in the background of the main thread. Returns only by throwing.
    private static func run(_ settings: Settings) throws {
        guard geteuid() != 0 || settings.allowsRoot else {
            throw SettingsError(["allow-root: must be given to run as root; better run as the account aifw-apid"])
        }
        let level = settings.logLevel
        LoggingSystem.bootstrap { JournalLog(label: $0, logLevel: level) }
        let logger = Logger(label: "aifw-apid")
        if geteuid() == 0 {
            logger.critical("runs as root, as --allow-root has it: whoever takes it over owns this host")
        }
        for stranger in settings.strangers { logger.warning("\(Settings.warning(of: stranger))") }
        // Until there is somebody to hear it, a reload must not end the process.
        signal(SIGHUP, SIG_IGN)
        let passed = try PassedSockets.take()
        try Confinement.apid(settings).enterAndProve()
        Task {
            do {
                try await serve(settings, passed, logger)
                exit(EXIT_SUCCESS)
            } catch {
                end(error)
            }
        }
        while true { pause() }
    }

    private static func serve(_ settings: Settings, _ passed: PassedSockets, _ logger: Logger) async throws {
        let registry = MetricsRegistry.bootstrapped()
        let connectionLimit = try DescriptorLimit.connections(settings.maxConnections, logger)
        let store = try Store(path: settings.database)
        let plane = ControlPlane(store: store, helperSocket: settings.helperSocket, logger: logger)
        let ledger = plane.ledger
        try await ledger.load(from: store)
        let monitoring = Monitoring(registry: registry, ledger: ledger)
        let courier = try courier(settings, store)
        let handlers = Handlers(
            plane: plane, publicEndpoint: settings.publicEndpoint, monitoring: monitoring, courier: courier)
        let events = handlers.events.hub
        let pipeline = Pipeline(
            table: Router.table(handlers), verifier: store, idempotency: Idempotency(store: store, logger: logger),
            logger: logger)
        let upkeep = try certificate(settings, passed, logger)
        let server = Server(
            listeners: listeners(settings, passed, upkeep?.identity), connectionLimit: connectionLimit, logger: logger,
            respond: pipeline.respond,
            onReady: { logger.info("ready", metadata: ["listen": .array($0.map { .string($0) })]) })
        var services: [any Service] = [
            TrafficKeeper(plane: plane), Reconciliation(plane: plane, logger: logger),
            EndpointFollower(plane: plane, logger: logger),
            Observer(
                plane: plane, logger: logger, isWatched: { events.isWatched },
                listeners: [{ ledger.book($0) }, { monitoring.take($0) }, { events.take($0) }],
                onFailure: monitoring.forget),
            WebhookDelivery(store: store, courier: courier, logger: logger), MemoryUpkeep(),
            // Stopped in the opposite order: the server waits for answers, and streams are answers.
            server, events,
        ]
        if let upkeep { services.append(upkeep) }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
        try store.close()
    }

    /// What carries deliveries to the receivers of webhooks.
    private static func courier(_ settings: Settings, _ store: Store) throws -> WebhookCourier {
        do {
            return WebhookCourier(
                networks: settings.webhookNetworks, roots: try WebhookRoots(path: settings.webhookCA),
                vault: SeedVault(folder: store.folder))
        } catch {
            throw SettingsError(["webhook-ca: \(settings.webhookCA?.quoted ?? "") can't be read as PEM certificates"])
        }
    }

    /// The TCP listeners that the settings name. The one that is built in is opened only where there is no other way in.
    private static func listen(_ settings: Settings, _ passed: PassedSockets) -> [Settings.Listen] {
        settings.isListenBuiltIn && !passed.https.isEmpty ? [] : settings.listen
    }

    /// What TLS is served with, and kept up to date by; nil if none is served. Makes the pair of our own if it is needed.
    private static func certificate(
        _ settings: Settings, _ passed: PassedSockets, _ logger: Logger
    ) throws -> CertificateUpkeep? {
        guard !passed.https.isEmpty || listen(settings, passed).contains(where: { !$0.isPlain }) else { return nil }
        let pair = settings.effectiveCertificate
        let isOwn = settings.certificate == nil
        if isOwn, try pair.makeUnlessPresent(names: ServerCertificate.names) {
            logger.notice("made a self-signed certificate", metadata: ["file": .string(pair.certificatePath)])
        }
        let loaded = try pair.load()
        if !isOwn { CertificateUpkeep.warn(of: loaded, at: pair, now: Date(), logger) }
        return CertificateUpkeep(
            certificate: pair, isOwn: isOwn, identity: TLSIdentity(loaded), logger: logger)
    }

    /// What is served: sockets of the service manager's, and what the settings name.
    private static func listeners(
        _ settings: Settings, _ passed: PassedSockets, _ identity: TLSIdentity?
    ) -> [Listener] {
        let api = Listener(place: passed.api.map { .descriptor($0) } ?? .path(settings.apiSocket), speech: .local)
        let tls = identity.map { Listener.Speech.tls($0) }
        let sockets = passed.https.compactMap { socket in
            tls.map { Listener(place: .descriptor(socket), speech: $0) }
        }
        let addresses = listen(settings, passed).compactMap { listen in
            (listen.isPlain ? .plain : tls).map {
                Listener(place: .address(listen.address, port: listen.port), speech: $0)
            }
        }
        return [api] + sockets + addresses
    }

    private static func complain(_ text: String) {
        let lines = text.split(separator: "\n").map { "aifw-apid: \($0)\n" }.joined()
        _ = Array(lines.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
