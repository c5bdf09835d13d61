/// What a caller may do (docs: scopes of the REST contract).
///
/// `vpn:write` and `vpn:secrets` imply `vpn:read`; `admin` implies all. Stored as the small number ``rawValue``.
struct Scopes: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let vpnRead = Scopes(rawValue: 1 << 0)
    static let vpnWrite = Scopes(rawValue: 1 << 1)
    static let vpnSecrets = Scopes(rawValue: 1 << 2)
    static let admin = Scopes(rawValue: 1 << 3)

    /// Every scope with its name, in the order in which they are listed.
    static let named: [(name: String, scope: Scopes)] = [
        ("vpn:read", .vpnRead), ("vpn:write", .vpnWrite), ("vpn:secrets", .vpnSecrets), ("admin", .admin),
    ]

    /// The scope of this name; nil if there is none.
    init?(name: String) {
        guard let found = Self.named.first(where: { $0.name == name }) else { return nil }
        self = found.scope
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The names of what was granted, without what is implied.
    var names: [String] { Self.named.filter { contains($0.scope) }.map(\.name) }

    /// Whether these, with all that they imply, cover `needed`.
    func allow(_ needed: Scopes) -> Bool { withImplied.isSuperset(of: needed) }

    private var withImplied: Scopes {
        if contains(.admin) { return [.vpnRead, .vpnWrite, .vpnSecrets, .admin] }
        return isDisjoint(with: [.vpnWrite, .vpnSecrets]) ? self : union(.vpnRead)
    }
}
