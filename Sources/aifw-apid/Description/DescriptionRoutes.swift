import HTTPTypes
import HummingbirdCore
import Wire

/// `/api/v1/openapi.json`: the description of the API for programs; `/docs`: the same for people. Open to all, for neither
/// says anything of this host.
struct DescriptionRoutes: Sendable {
    static let documentPath = "/api/v1/openapi.json"
    static let pagePath = "/docs"
    static let stylePath = "/docs/style.css"

    /// The page needs nothing but its own style, and may not be framed or send anything anywhere.
    private static let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// The three routes of the description, which describes them too.
    static func routes(describing others: [Route]) -> [Route] {
        let own = [documentPath, pagePath, stylePath].map { path in
            Description.Line(method: .get, path: path, access: .open, bodyLimit: Route.bodyLimit)
        }
        let description = Description(lines: others.map(\.line) + own, operations: Operations.all)
        let document = StandingContent { description.json.serialized }
        let page = StandingContent { Bytes(DescriptionPage(description.json).html.utf8) }
        let style = StandingContent { Bytes(DescriptionPageStyle.css.utf8) }
        return [
            .get(documentPath, .open) { _ in document.response("application/json") },
            .get(pagePath, .open) { _ in
                var response = page.response("text/html; charset=utf-8")
                response.headers[.contentSecurityPolicy] = policy
                return response
            },
            .get(stylePath, .open) { _ in style.response("text/css; charset=utf-8") },
        ]
    }
}

extension Route {
    /// What the description takes from the table.
    var line: Description.Line {
        Description.Line(method: method, path: path, access: access, bodyLimit: bodyLimit)
    }
}
