import HTTPTypes
import HummingbirdCore

/// One line of the URL table: method, path, who may call it, and what answers.
///
/// The scope is part of the line, so that no route can be without one.
struct Route: Sendable {
    typealias Handler = @Sendable (APIContext) async throws -> Response

    /// What a caller needs.
    enum Access: Sendable, Equatable {
        /// Nothing, not even a token.
        case open
        case scopes(Scopes)

        /// To be known, whatever the scopes.
        static let authenticated = Access.scopes([])
        static let vpnRead = Access.scopes(.vpnRead)
        static let vpnWrite = Access.scopes(.vpnWrite)
        static let vpnSecrets = Access.scopes(.vpnSecrets)
        static let admin = Access.scopes(.admin)
    }

    /// The most that a body may be long, where the route does not say otherwise: 1 MiB.
    static let bodyLimit = 1 << 20
    /// The same where many objects come at once: 64 MiB.
    static let largeBodyLimit = 64 << 20

    let method: HTTPRequest.Method
    /// Absolute; `{name}` stands for one segment.
    let path: String
    let access: Access
    let bodyLimit: Int
    let handler: Handler
    let parameterNames: [String]

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, limit: Int = bodyLimit,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        bodyLimit = limit
        self.handler = handler
        parameterNames = path.split(separator: "/").compactMap { Self.parameterName($0).map(String.init) }
    }

    /// The name in `{name}`; nil for a segment that stands for itself.
    static func parameterName(_ segment: Substring) -> Substring? {
        segment.first == "{" && segment.last == "}" ? segment.dropFirst().dropLast() : nil
    }

    static func get(_ path: String, _ access: Access, _ handler: @escaping Handler) -> Route {
        Route(.get, path, access, handler)
    }

    static func post(
        _ path: String, _ access: Access, limit: Int = bodyLimit, _ handler: @escaping Handler
    ) -> Route {
        Route(.post, path, access, limit: limit, handler)
    }

    static func put(_ path: String, _ access: Access, _ handler: @escaping Handler) -> Route {
        Route(.put, path, access, handler)
    }

    static func patch(_ path: String, _ access: Access, _ handler: @escaping Handler) -> Route {
        Route(.patch, path, access, handler)
    }

    static func delete(_ path: String, _ access: Access, _ handler: @escaping Handler) -> Route {
        Route(.delete, path, access, handler)
    }
}
