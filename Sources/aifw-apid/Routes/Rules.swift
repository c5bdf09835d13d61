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

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let query = context.query
        let form = query.choice("format", as: Form.self) ?? .json
        // A text is one piece, and not cut.
        let list = form == .json ? ListQuery(query) : ListQuery()
        try query.finish()
        let loaded = try await plane.reader.loadedRules()
        let owned = try await plane.store.read { transaction in
            try transaction.tunnels().flatMap { tunnel in
                OwnedRule.all(tunnel.passRules, of: tunnel.object, made: tunnel.stamp.createdAt)
            }
                + transaction.associations().flatMap { association in
                    OwnedRule.all(association.passRules, of: association.object, made: association.stamp.createdAt)
                }
        }
        switch form {
        case .json: return Self.list(owned, list, loaded)
        case .pf: return Self.text(PFText.anchor(owned.map(\.rule)), owned, loaded)
        case .nft: return Self.text(NftablesText.script(owned.map(\.rule)), owned, loaded)
        }
    }

    // MARK: Forms

    private static func list(_ owned: [OwnedRule], _ query: ListQuery, _ loaded: LoadedRules) -> Response {
        let page = Page(of: owned, query)
        var members = [
            JSON.Member(name: "data", value: .array(page.records.map { json($0, isLoaded: loaded.has($0.rule)) }))
        ]
        if let next = page.next { members.append(.init(name: "next_cursor", value: .text(next.description))) }
        members += [
            .init(name: "total", value: .integer(Int64(page.total))),
            .init(name: "filter", value: .text(loaded.filter.rawValue)),
        ]
        let warnings = warnings(owned, loaded)
        if !warnings.isEmpty { members.append(.init(name: "warnings", value: .array(warnings.map(JSON.text)))) }
        return .bare(.object(members))
    }

    /// The rule as the helper is asked for it, with its owner's name and whether it is loaded.
    private static func json(_ owned: OwnedRule, isLoaded: Bool) -> JSON {
        .object(
            [
                .init(name: "kind", value: owned.rule.kind.json), .init(name: "object", value: owned.object.json),
                .init(name: "loaded", value: isLoaded.json),
            ] + owned.members)
    }

    private static func text(_ text: String, _ owned: [OwnedRule], _ loaded: LoadedRules) -> Response {
        let lines = remarks(owned, loaded).map { "# \($0)\n" }.joined()
        return .bytes(Bytes(Array((lines + text).utf8)), type: "text/plain; charset=utf-8")
    }

    // MARK: Remarks

    /// What whoever reads the text should know: it is what should be loaded.
    private static func remarks(_ owned: [OwnedRule], _ loaded: LoadedRules) -> [String] {
        guard loaded.filter != .none else { return ["Nothing of this is loaded: this host has no packet filter."] }
        let missing = owned.count { !loaded.has($0.rule) }
        guard missing > 0 else { return [] }
        return [
            "\(missing) of these \(owned.count) rules \(missing == 1 ? "is" : "are") not loaded; it is being put right."
        ]
    }

    /// What is loaded without being asked for, above all; the next comparison puts it right.
    private static func warnings(_ owned: [OwnedRule], _ loaded: LoadedRules) -> [String] {
        let broken = loaded.isWhole ? [] : ["the anchor is not whole; it is being made anew"]
        let strays = loaded.parts.subtracting(owned.flatMap { $0.rule.parts(with: loaded.filter) }).sorted()
        let named = strays.prefix(most).map { "\($0) is loaded although no rule asks for it; it is being removed" }
        guard strays.count > most else { return broken + named }
        let more = strays.count - most
        return broken + named + ["\(more) more are loaded although no rule asks for them; they are being removed"]
    }
}
