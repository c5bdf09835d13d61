import Daemon
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
            let options = try CommandLineOptions(Array(CommandLine.arguments.dropFirst()))
            switch options.action {
            case .help: print(CommandLineOptions.help)
            case .version: print("aifw-apid \(version)")
            case .check: _ = try settings(options)
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
        return try Settings(from: options.sources(environment: environment))
    }

    /// Enters the cage, then serves in the background of the main thread. Returns only by throwing.
    private static func run(_ settings: Settings) throws {
        guard geteuid() != 0 || settings.allowsRoot else {
            throw SettingsError(["allow-root: must be given to run as root; better run as the account aifw-apid"])
        }
        let level = settings.logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "aifw-apid")
        if geteuid() == 0 {
            logger.critical("runs as root, as --allow-root has it: whoever takes it over owns this host")
        }
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
        DescriptorLimit.raise()
        let store = try Store(path: settings.database)
        let plane = ControlPlane(store: store, helperSocket: settings.helperSocket, logger: logger)
        let handlers = Handlers(plane: plane, publicEndpoint: settings.publicEndpoint)
        let pipeline = Pipeline(
            table: Router.table(handlers), verifier: store, idempotency: Idempotency(store: store, logger: logger),
            logger: logger)
        let server = Server(
            listeners: try listeners(settings, passed, logger), logger: logger, respond: pipeline.respond,
            onReady: { logger.info("ready", metadata: ["listen": .array($0.map { .string($0) })]) })
        var configuration = ServiceGroupConfiguration(
            services: [Reconciliation(plane: plane, logger: logger), server],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
        try store.close()
    }

    /// What is served: sockets of the service manager's, and what the settings name. The one that is built in is opened
    /// only where there is no other way in by TCP.
    private static func listeners(
        _ settings: Settings, _ passed: PassedSockets, _ logger: Logger
    ) throws -> [Listener] {
        var listeners = [
            Listener(place: passed.api.map { .descriptor($0) } ?? .path(settings.apiSocket), speech: .local)
        ]
        let listen = settings.isListenBuiltIn && !passed.https.isEmpty ? [] : settings.listen
        guard !passed.https.isEmpty || !listen.isEmpty else { return listeners }
        let pair = settings.effectiveCertificate
        if settings.certificate == nil, !passed.https.isEmpty || listen.contains(where: { !$0.isPlain }),
            try pair.makeUnlessPresent(names: ServerCertificate.names)
        {
            logger.notice("made a self-signed certificate", metadata: ["file": .string(pair.certificatePath)])
        }
        for socket in passed.https {
            listeners.append(Listener(place: .descriptor(socket), speech: .tls(try pair.configuration())))
        }
        for listen in listen {
            listeners.append(
                Listener(
                    place: .address(listen.address, port: listen.port),
                    speech: listen.isPlain ? .plain : .tls(try pair.configuration())))
        }
        return listeners
    }

    private static func complain(_ text: String) {
        let lines = text.split(separator: "\n").map { "aifw-apid: \($0)\n" }.joined()
        _ = Array(lines.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
