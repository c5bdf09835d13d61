import HTTPTypes

/// The URL table made ready for look-ups: a tree of path segments.
///
/// Because it is built from the whole table it knows which methods a path has, so a wrong one is a 405 with `Allow` and
/// not a 404. A segment that is spelt out wins over `{…}`. One slash at the end of a path is ignored; an empty
/// segment (`//`) matches nothing. `HEAD` is answered wherever `GET` is.
struct RouteTree: Sendable {
    enum Match {
        case route(Route, parameters: [String])
        /// The path is known, the method is not; these are, ready for `Allow`.
        case otherMethods(String)
        case nothing
    }

    private struct Node: Sendable {
        var literals: [Substring: Int] = [:]
        var parameter: Int?
        var routes: [Route] = []
    }

    /// Up to how many bytes a segment is looked up; none that is spelt out is nearly as long. Others must not be hashed: see
    /// ``Faults/isComparable(_:)``.
    private static let longestLiteral = 64

    private var nodes = [Node()]

    init(_ table: [Route]) {
        for route in table {
            var index = 0
            for segment in route.path.split(separator: "/") { index = child(of: index, for: segment) }
            nodes[index].routes.append(route)
        }
    }

    private mutating func child(of index: Int, for segment: Substring) -> Int {
        let isParameter = Route.parameterName(segment) != nil
        if let known = isParameter ? nodes[index].parameter : nodes[index].literals[segment] { return known }
        nodes.append(Node())
        if isParameter {
            nodes[index].parameter = nodes.count - 1
        } else {
            nodes[index].literals[segment] = nodes.count - 1
        }
        return nodes.count - 1
    }

    /// Finds what answers `method` on `path` (as it was sent, percent-encoded, without its query).
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        guard path.utf8.first == UInt8(ascii: "/") else { return .nothing }
        var index = 0
        var parameters: [String] = []
        var rest = path.dropFirst()
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            let segment = rest[..<end]
            rest = end == rest.endIndex ? rest[end...] : rest[rest.utf8.index(after: end)...]
            guard !segment.isEmpty, let text = PercentEncoding.decode(segment) else { return .nothing }
            let literal = text.utf8.count <= Self.longestLiteral ? nodes[index].literals[text] : nil
            if let next = literal {
                index = next
            } else if let next = nodes[index].parameter {
                parameters.append(String(text))
                index = next
            } else {
                return .nothing
            }
        }
        return choose(from: nodes[index].routes, method, parameters)
    }

    private func choose(from routes: [Route], _ method: HTTPRequest.Method, _ parameters: [String]) -> Match {
        if let route = routes.first(where: { $0.method == method }) { return .route(route, parameters: parameters) }
        if method == .head, let route = routes.first(where: { $0.method == .get }) {
            return .route(route, parameters: parameters)
        }
        guard !routes.isEmpty else { return .nothing }
        let methods = routes.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }
        return .otherMethods(methods.joined(separator: ", "))
    }
}
