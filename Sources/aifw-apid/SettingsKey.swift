/// The keys of the configuration: `--api-socket`, `AIFW_API_SOCKET`, and `api-socket:` in the file.
enum SettingsKey: String, CaseIterable {
    case database
    case helperSocket = "helper-socket"
    case apiSocket = "api-socket"
    case listen
    case maxConnections = "max-connections"
    case tlsCertificate = "tls-certificate"
    case tlsPrivateKey = "tls-private-key"
    case publicEndpoint = "public-endpoint"
    case webhookNetworks = "webhook-networks"
    case webhookCA = "webhook-ca"
    case logLevel = "log-level"
    case allowRoot = "allow-root"

    /// What holds if nobody says otherwise.
    var builtIn: String? {
        switch self {
        case .database: "/var/lib/aifw-apid/aifw.db"
        case .helperSocket: "/run/aifw/privd.sock"
        case .apiSocket: "/run/aifw/api.sock"
        case .listen: "127.0.0.1:8443"
        case .maxConnections: "1024"
        case .logLevel: "info"
        case .allowRoot: "false"
        case .tlsCertificate, .tlsPrivateKey, .publicEndpoint, .webhookNetworks, .webhookCA: nil
        }
    }

    /// Whether it may be a list in the file.
    var isList: Bool { self == .listen || self == .webhookNetworks }

    var help: String {
        switch self {
        case .database: "the SQLite file"
        case .helperSocket: "where aifw-privd listens"
        case .apiSocket: "the Unix socket of the API, mode 0660"
        case .listen: "TCP listeners, comma-separated; port 0 is chosen by the kernel; empty for none"
        case .maxConnections: "how many connections over TCP are kept open, 128 to 16384"
        case .tlsCertificate: "PEM chain; made beside the database (tls.crt) if not given"
        case .tlsPrivateKey: "PEM key (tls.key)"
        case .publicEndpoint: "host or address that client configurations name"
        case .webhookNetworks: "networks that webhooks may call, comma-separated; if not given, all but special ones"
        case .webhookCA: "PEM file of certificates by which receivers of webhooks are trusted beside the system's"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        case .allowRoot: "permit running as root"
        }
    }

    /// The key as an environment variable.
    var variable: String { Self.prefix + rawValue.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }

    /// What the names of all our variables begin with.
    static let prefix = "AIFW_"
}
