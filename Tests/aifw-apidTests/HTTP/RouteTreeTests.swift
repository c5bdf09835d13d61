import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct RouteTreeTests {
    private static let table: [Route] = [
        .get("/healthz", .open) { _ in .message("") },
        .get("/v/wg", .vpnRead) { _ in .message("") },
        .post("/v/wg", .vpnWrite) { _ in .message("") },
        .get("/v/wg/{id}", .vpnRead) { _ in .message("") },
        .delete("/v/wg/{tid}/peers/{pid}", .vpnWrite) { _ in .message("") },
        .get("/v/wg/{tid}/peers/next-ip", .vpnRead) { _ in .message("") },
    ]
    private let tree = RouteTree(table)

    private func describe(_ match: RouteTree.Match) -> String {
        switch match {
        case .route(let route, let parameters): "\(route.method) \(route.path) \(parameters.joined(separator: "|"))"
        case .otherMethods(let methods): "not allowed, but \(methods)"
        case .nothing: "nothing"
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/healthz", "GET /healthz "),
        (.get, "/v/wg/", "GET /v/wg "),
        (.head, "/v/wg", "GET /v/wg "),
        (.post, "/v/wg", "POST /v/wg "),
        (.get, "/v/wg/a%20b", "GET /v/wg/{id} a b"),
        (.get, "/v/wg/a%2Fb", "GET /v/wg/{id} a/b"),
        (.get, "/v/%77g", "GET /v/wg "),
        (.delete, "/v/wg/1/peers/2", "DELETE /v/wg/{tid}/peers/{pid} 1|2"),
        (.get, "/v/wg/1/peers/next-ip", "GET /v/wg/{tid}/peers/next-ip 1"),
        (.delete, "/v/wg", "not allowed, but GET, HEAD, POST"),
        (.delete, "/v/wg/1/peers/next-ip", "not allowed, but GET, HEAD"),
        (.get, "/v/wg/1/peers/2", "not allowed, but DELETE"),
        (.get, "/", "nothing"),
        (.get, "", "nothing"),
        (.get, "*", "nothing"),
        (.get, "/v", "nothing"),
        (.get, "/v//wg", "nothing"),
        (.get, "/v/wg//", "nothing"),
        (.get, "//healthz", "nothing"),
        (.get, "/v/wg/%zz", "nothing"),
        (.get, "/v/wg/1/2", "nothing"),
        (.get, "/HEALTHZ", "nothing"),
    ])
    func `a path leads to its route`(method: HTTPRequest.Method, path: String, expected: String) {
        #expect(describe(tree.match(method, path)) == expected)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["/", "/v/wg/", "/healthz"])
    func `a segment of nothing but combining marks is looked up in no time`(start: String) {
        // Hashed, these take minutes.
        let marks = String(repeating: "\u{0316}\u{0301}", count: 250_000)
        let encoded = String(repeating: "%CC%96%CC%81", count: 250_000)
        for path in [start + marks, start + encoded] {
            switch tree.match(.get, path) {
            case .route(let route, let parameters):
                #expect(route.path == "/v/wg/{id}" && parameters.map(\.utf8.count) == [1_000_000])
            case .otherMethods, .nothing: #expect(start != "/v/wg/")
            }
        }
    }
}
