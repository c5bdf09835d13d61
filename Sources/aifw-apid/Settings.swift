import Configuration
import Logging
import Wire

/// What the daemon was told: by its command line, else the environment, else a JSON file, else as built in.
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
    /// Given ones; nil for a pair of our own beside the database.
    var certificate: ServerCertificate?
    /// What client configurations name where the tunnel has no endpoint of its own.
    var publicEndpoint: PublicEndpoint?
    var logLevel = Logger.Level.info
    /// Whether the daemon may run as root.
    var allowsRoot = false

    /// The pair in use: the given one, else ours (`tls.crt`, `tls.key` beside the database).
    var effectiveCertificate: ServerCertificate {
        if let certificate { return certificate }
        let folder = database.lastIndex(of: "/").map { database[...$0] } ?? ""
        return ServerCertificate(certificatePath: "\(folder)tls.crt", keyPath: "\(folder)tls.key")
    }

    /// Reads the values, in order of precedence; throws all faults at once.
    init(from sources: [any ConfigProvider]) throws(SettingsError) {
        let reader = ConfigReader(providers: sources)
        var faults: [String] = []
        func read<Value>(_ key: SettingsKey, _ parse: (String) throws(ValueError) -> Value) -> Value? {
            guard let text = reader.string(forKey: ConfigKey(key.rawValue)) ?? key.builtIn else { return nil }
            do throws(ValueError) {
                return try parse(text)
            } catch {
                faults.append("\(key.rawValue): \(text.quoted) \(error.description)")
                return nil
            }
        }
        database = read(.database, Self.path) ?? database
        helperSocket = read(.helperSocket, Self.socketPath) ?? helperSocket
        apiSocket = read(.apiSocket, Self.socketPath) ?? apiSocket
        listen = read(.listen, Self.listeners) ?? []
        isListenBuiltIn = reader.string(forKey: ConfigKey(SettingsKey.listen.rawValue)) == nil
        publicEndpoint = read(.publicEndpoint) { (text) throws(ValueError) in try PublicEndpoint(text) }
        logLevel = read(.logLevel, Self.level) ?? logLevel
        allowsRoot = read(.allowRoot, Self.flag) ?? false
        switch (read(.tlsCertificate, Self.path), read(.tlsPrivateKey, Self.path)) {
        case (let certificate?, let key?):
            self.certificate = ServerCertificate(certificatePath: certificate, keyPath: key)
        case (nil, nil): break
        default: faults.append("tls-certificate, tls-private-key: both must be given, or neither")
        }
        guard faults.isEmpty else { throw SettingsError(faults) }
    }

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
