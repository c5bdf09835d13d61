/// The keys of the configuration: `--api-socket`, `AIFW_API_SOCKET`, `"api-socket"`.
enum SettingsKey: String, CaseIterable {
    case database
    case helperSocket = "helper-socket"
    case apiSocket = "api-socket"
    case listen
    case tlsCertificate = "tls-certificate"
    case tlsPrivateKey = "tls-private-key"
    case publicEndpoint = "public-endpoint"
    case logLevel = "log-level"
    case allowRoot = "allow-root"

    /// What holds if nobody says otherwise.
    var builtIn: String? {
        switch self {
        case .database: "/var/lib/aifw-apid/aifw.db"
        case .helperSocket: "/run/aifw/privd.sock"
        case .apiSocket: "/run/aifw/api.sock"
        case .listen: "127.0.0.1:8443"
        case .logLevel: "info"
        case .allowRoot: "false"
        case .tlsCertificate, .tlsPrivateKey, .publicEndpoint: nil
        }
    }

    var help: String {
        switch self {
        case .database: "the SQLite file"
        case .helperSocket: "where aifw-privd listens"
        case .apiSocket: "the Unix socket of the API, mode 0660"
        case .listen: "TCP listeners, comma-separated; port 0 is chosen by the kernel; empty for none"
        case .tlsCertificate: "PEM chain; made beside the database (tls.crt) if not given"
        case .tlsPrivateKey: "PEM key (tls.key)"
        case .publicEndpoint: "host or address that client configurations name"
        case .logLevel: "trace, debug, info, notice, warning, error or critical"
        case .allowRoot: "permit running as root"
        }
    }
}
