import Logging
import Wire

/// What the daemon was told: by its command line, else the environment, else a file, else as built in.
struct Settings: Sendable {
    /// One TCP listener.
    struct Listen: Sendable, Equatable {
        let address: IPAddress
        let port: UInt16
        /// Plain HTTP, which only a loopback address may speak.
        let isPlain: Bool
    }

    var database = "/var/lib/aifw-apid/aifw.db"
    var helperSocket = "/run/aifw/privd.sock"
    var apiSocket = "/run/aifw/api.sock"
    var listen: [Listen] = []
    /// Whether nobody said `listen`: then what is built in makes way for sockets of the service manager's.
    var isListenBuiltIn = true
    /// How many connections over TCP are kept open.
    var maxConnections = 1024
    /// Given ones; nil for a pair of our own beside the database.
    var certificate: ServerCertificate?
    /// What client configurations name where the tunnel has no endpoint of its own.
    var publicEndpoint: PublicEndpoint?
    /// Where webhooks may call.
    var webhookNetworks = WebhookNetworks.standard
    /// By what their receivers are trusted beside the system's certificates.
    var webhookCA: String?
    var logLevel = Logger.Level.info
    /// Whether the daemon may run as root.
    var allowsRoot = false

    /// The pair in use: the given one, else ours (`tls.crt`, `tls.key` beside the database).
    var effectiveCertificate: ServerCertificate {
        if let certificate { return certificate }
        let folder = database.lastIndex(of: "/").map { database[...$0] } ?? ""
        return ServerCertificate(certificatePath: "\(folder)tls.crt", keyPath: "\(folder)tls.key")
    }

    /// Where each key that has a value has it from, with its text.
    private(set) var origins: [(key: SettingsKey, text: String, origin: String)] = []
    /// Variables of the environment that begin as ours do, and are none.
    private(set) var strangers: [String] = []

    /// Reads the values, in order of precedence; throws all faults at once, each with where it was given.
    ///
    /// - Parameter standardFile: what is read if neither the command line nor the environment names a file.
    init(
        _ options: CommandLineOptions, environment: [String: String], standardFile: String? = nil
    ) throws(SettingsError) {
        var faults: [String] = []
        let sources = options.sources(
            environment: environment, standardFile: standardFile, faults: &faults, strangers: &strangers)
        func read<Value>(_ key: SettingsKey, _ parse: (String) throws(ValueError) -> Value) -> Value? {
            var origin = "built in"
            var given: String?
            for source in sources {
                guard let text = source.text(key) else { continue }
                (given, origin) = (text, source.place(key))
                break
            }
            guard let text = given ?? key.builtIn else { return nil }
            origins.append((key, text, origin))
            do throws(ValueError) {
                return try parse(text)
            } catch {
                // A line of the file is not the key's name yet.
                let name = origin.hasPrefix("/") ? "\(origin): \(key.rawValue)" : origin
                faults.append("\(name): \(text.quoted) \(error.description)")
                return nil
            }
        }
        database = read(.database, Self.path) ?? database
        helperSocket = read(.helperSocket, Self.socketPath) ?? helperSocket
        apiSocket = read(.apiSocket, Self.socketPath) ?? apiSocket
        listen = read(.listen, Self.listeners) ?? []
        isListenBuiltIn = !sources.contains { $0.text(.listen) != nil }
        maxConnections = read(.maxConnections, Self.connections) ?? maxConnections
        let certificatePath = read(.tlsCertificate, Self.path)
        let keyPath = read(.tlsPrivateKey, Self.path)
        if origins.lazy.filter({ $0.key == .tlsCertificate || $0.key == .tlsPrivateKey }).count == 1 {
            faults.append("tls-certificate, tls-private-key: both must be given, or neither")
        } else if let certificatePath, let keyPath {
            certificate = ServerCertificate(certificatePath: certificatePath, keyPath: keyPath)
        }
        publicEndpoint = read(.publicEndpoint) { (text) throws(ValueError) in try PublicEndpoint(text) }
        webhookNetworks = read(.webhookNetworks, Self.networks) ?? webhookNetworks
        webhookCA = read(.webhookCA, Self.path)
        logLevel = read(.logLevel, Self.level) ?? logLevel
        allowsRoot = read(.allowRoot, Self.flag) ?? false
        guard faults.isEmpty else { throw SettingsError(faults) }
    }

    /// What `--check` prints: what holds, one key a line, each with where it is from. No setting is a secret.
    var report: String {
        let width = origins.map(\.text.count).max() ?? 0
        var lines = ["configuration is good"]
        for (key, text, origin) in origins {
            let name = key.rawValue + String(repeating: " ", count: max(1, 16 - key.rawValue.count))
            let shown = text.isEmpty ? "\"\"" : text
            lines.append("  " + name + shown + String(repeating: " ", count: max(1, width + 2 - shown.count)) + origin)
        }
        return (lines + strangers.map(Self.warning)).joined(separator: "\n")
    }

    /// What is said of a variable that begins as ours do.
    static func warning(of stranger: String) -> String { "\(stranger): is no setting of aifw-apid, and is ignored" }

    // MARK: The forms of the values

    private static func path(_ text: String) throws(ValueError) -> String {
        guard text.hasPrefix("/"), !text.hasSuffix("/"), !text.utf8.contains(0) else {
            throw ValueError("must be the absolute path of a file")
        }
        return text
    }

    private static func socketPath(_ text: String) throws(ValueError) -> String {
        // ".new" is put behind it while it is made.
        let limit = UnixSocket.pathLimit - 4
        guard text.utf8.count <= limit else { throw ValueError("must be \(limit) bytes long at most") }
        return try path(text)
    }

    private static func level(_ text: String) throws(ValueError) -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValueError("must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return level
    }

    private static func connections(_ text: String) throws(ValueError) -> Int {
        guard let number = Int(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            Connections.range ~= number
        else {
            let range = Connections.range
            throw ValueError("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func networks(_ text: String) throws(ValueError) -> WebhookNetworks {
        WebhookNetworks(listed: try PrefixList(text).elements)
    }

    private static func flag(_ text: String) throws(ValueError) -> Bool {
        switch text {
        case "true": true
        case "false": false
        default: throw ValueError("must be true or false")
        }
    }

    private static func listeners(_ text: String) throws(ValueError) -> [Listen] {
        var listeners: [Listen] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            listeners.append(try listener(item))
        }
        return listeners
    }

    private static func listener(_ text: Substring) throws(ValueError) -> Listen {
        let isPlain = text.hasPrefix("http://")
        let place = isPlain ? text.dropFirst(7) : text
        let form = "must be addresses with ports such as 0.0.0.0:8443, [::]:8443 or http://127.0.0.1:8080"
        guard let colon = place.lastIndex(of: ":"), let port = UInt16(place[place.index(after: colon)...]),
            let address = try? IPAddress(place[..<colon].bracketless), (address.family == .v6) == (place.first == "[")
        else { throw ValueError(form) }
        guard !isPlain || address.isLoopback else {
            throw ValueError("must have plain HTTP on a loopback address only, such as http://127.0.0.1:8080")
        }
        return Listen(address: address, port: port, isPlain: isPlain)
    }
}

extension Substring {
    /// The text without the brackets around an IPv6 address.
    fileprivate var bracketless: String {
        String(first == "[" && last == "]" ? dropFirst().dropLast() : self)
    }
}

/// Everything that is wrong with the settings, one line each.
struct SettingsError: Error, Equatable, CustomStringConvertible {
    let faults: [String]

    init(_ faults: [String]) { self.faults = faults }

    var description: String { faults.joined(separator: "\n") }
}
