/// The keys of wg-quick(8) and wg(8), as they are written there; their case means nothing.
enum WireGuardQuickKey: String, CaseIterable, Sendable {
    case privateKey = "PrivateKey"
    case listenPort = "ListenPort"
    case mark = "FwMark"
    case address = "Address"
    case dns = "DNS"
    case mtu = "MTU"
    case table = "Table"
    case preUp = "PreUp"
    case postUp = "PostUp"
    case preDown = "PreDown"
    case postDown = "PostDown"
    case saveConfig = "SaveConfig"
    case publicKey = "PublicKey"
    case presharedKey = "PresharedKey"
    case endpoint = "Endpoint"
    case allowedIPs = "AllowedIPs"
    case keepalive = "PersistentKeepalive"

    enum Section: String, CaseIterable, Sendable {
        case interface = "Interface"
        case peer = "Peer"
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue.lowercased(), $0) })

    init?(_ name: String) {
        guard let key = Self.byName[name.lowercased()] else { return nil }
        self = key
    }

    var section: Section {
        switch self {
        case .privateKey, .listenPort, .mark, .address, .dns, .mtu, .table, .preUp, .postUp, .preDown, .postDown,
            .saveConfig:
            .interface
        case .publicKey, .presharedKey, .endpoint, .allowedIPs, .keepalive: .peer
        }
    }

    /// Whether a section may have it several times; lists are then one list.
    var mayRepeat: Bool {
        switch self {
        case .address, .dns, .allowedIPs, .preUp, .postUp, .preDown, .postDown: true
        case .privateKey, .listenPort, .mark, .mtu, .table, .saveConfig, .publicKey, .presharedKey, .endpoint,
            .keepalive:
            false
        }
    }

    /// Why it is left out of what is imported; nil for what is kept.
    var whyDropped: String? {
        switch self {
        case .preUp, .postUp, .preDown, .postDown: "no command of a file is ever run here"
        case .table:
            "routes for allowed IPs go to the main table, never a default route; a tunnel with routes: false has none"
        case .saveConfig: "what is changed here is kept by itself"
        case .privateKey, .listenPort, .mark, .address, .dns, .mtu, .publicKey, .presharedKey, .endpoint, .allowedIPs,
            .keepalive:
            nil
        }
    }
}
