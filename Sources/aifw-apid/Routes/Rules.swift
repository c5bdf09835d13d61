import FilterRules
import HummingbirdCore
import Wire

/// `/api/v1/vpn/rules`: what the anchor `aifw-vpn` holds, and in which words pf and nftables have it.
struct Rules: Sendable {
    let plane: ControlPlane

    private enum Form: String, CaseIterable {
        case json, pf, nft
    }

    /// The most parts that are named of those that no rule asks for.
    private static let most = 10

    /// A rule, and whose it is.
    private struct Owned: Sendable {
        let rule: PassRule
        let object: JSON

        init(_ rule: PassRule, of type: String, _ name: ObjectName) {
            self.rule = rule
            object = ["type": .text(type), "id": rule.owner.json, "name": name.json]
        }
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let query = context.query
        let form = query.choice("format", as: Form.self) ?? .json
        try query.finish()
        let loaded = try await plane.reader.loadedRules()
        let owned = try await plane.store.read { transaction in
            try transaction.tunnels().flatMap { tunnel in
                tunnel.passRules.map { Owned($0, of: "tunnel", tunnel.name) }
            }
                + transaction.associations().flatMap { association in
                    association.passRules.map { Owned($0, of: "association", association.name) }
                }
        }
        switch form {
        case .json: return Self.list(owned, loaded)
        case .pf: return Self.text(PFText.anchor(owned.map(\.rule)), owned, loaded)
        case .nft: return Self.text(NftablesText.script(owned.map(\.rule)), owned, loaded)
        }
    }

    // MARK: Forms

    private static func list(_ owned: [Owned], _ loaded: LoadedRules) -> Response {
        var members: [JSON.Member] = [
            .init(name: "data", value: .array(owned.map { json($0, isLoaded: loaded.has($0.rule)) })),
            .init(name: "total", value: .integer(Int64(owned.count))),
            .init(name: "filter", value: .text(loaded.filter.rawValue)),
        ]
        let warnings = warnings(owned, loaded)
        if !warnings.isEmpty { members.append(.init(name: "warnings", value: .array(warnings.map(JSON.text)))) }
        return .bare(.object(members))
    }

    /// The rule as the helper is asked for it, with its owner's name and whether it is loaded.
    private static func json(_ owned: Owned, isLoaded: Bool) -> JSON {
        let own = owned.rule.members.filter { !["kind", "owner", "number"].contains($0.name) }
        return .object(
            [
                .init(name: "kind", value: owned.rule.kind.json), .init(name: "object", value: owned.object),
                .init(name: "loaded", value: isLoaded.json),
            ] + own)
    }

    private static func text(_ text: String, _ owned: [Owned], _ loaded: LoadedRules) -> Response {
        let lines = remarks(owned, loaded).map { "# \($0)\n" }.joined()
        return .bytes(Bytes(Array((lines + text).utf8)), type: "text/plain; charset=utf-8")
    }

    // MARK: Remarks

    /// What whoever reads the text should know: it is what should be loaded.
    private static func remarks(_ owned: [Owned], _ loaded: LoadedRules) -> [String] {
        guard loaded.filter != .none else { return ["Nothing of this is loaded: this host has no packet filter."] }
        let missing = owned.count { !loaded.has($0.rule) }
        guard missing > 0 else { return [] }
        return [
            "\(missing) of these \(owned.count) rules \(missing == 1 ? "is" : "are") not loaded; it is being put right."
        ]
    }

    /// What is loaded without being asked for, above all; the next comparison puts it right.
    private static func warnings(_ owned: [Owned], _ loaded: LoadedRules) -> [String] {
        let broken = loaded.isWhole ? [] : ["the anchor is not whole; it is being made anew"]
        let strays = loaded.parts.subtracting(owned.flatMap { $0.rule.parts(with: loaded.filter) }).sorted()
        let named = strays.prefix(most).map { "\($0) is loaded although no rule asks for it; it is being removed" }
        guard strays.count > most else { return broken + named }
        let more = strays.count - most
        return broken + named + ["\(more) more are loaded although no rule asks for them; they are being removed"]
    }
}
