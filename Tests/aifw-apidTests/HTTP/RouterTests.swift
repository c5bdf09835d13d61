import HTTPTypes
import Logging
import Testing

@testable import aifw_apid

@Suite struct RouterTests {
    /// The whole table, over a store of its own and no helper.
    static func table<Result>(_ body: ([Route]) throws -> Result) throws -> Result {
        try withFolder { folder in
            let store = try Store(path: folder + "/aifw.db")
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            let plane = ControlPlane(store: store, helperSocket: folder + "/privd.sock", logger: logger)
            let result = try body(Router.table(Handlers(plane: plane, publicEndpoint: nil)))
            try store.close()
            return result
        }
    }

    /// The lines that the description is of: all but the web page's.
    static func described<Result>(_ body: ([Description.Line]) throws -> Result) throws -> Result {
        let page = Set(PageRoutes.routes().map(\.path))
        return try table { try body($0.filter { !page.contains($0.path) }.map(\.line)) }
    }

    @Test func `no two lines of the table say the same, and each path leads to its own line`() throws {
        try Self.table { table in
            #expect(Set(table.map { "\($0.method) \($0.path)" }).count == table.count)
            let tree = RouteTree(table)
            for route in table {
                guard case .route(let found, let parameters) = tree.match(route.method, route.path) else {
                    Issue.record("\(route.method) \(route.path) leads nowhere")
                    continue
                }
                #expect(found.path == route.path && found.method == route.method)
                #expect(parameters.count == route.parameterNames.count)
            }
        }
    }

    @Test func `only health, page and the ways in are open, and no change needs less than a scope to change`()
        throws
    {
        try Self.table { table in
            let waysIn = ["/api/v1/auth/login", "/api/v1/auth/setup"]
            let toRead = ["/api/v1/openapi.json", "/docs", "/docs/style.css"]
            let places = [
                "/", "/setup", "/wireguard", "/wireguard/{id}", "/ipsec", "/rules", "/audit", "/tokens", "/users",
                "/backup",
            ]
            let open = table.filter { $0.access == .open && !$0.path.hasPrefix("/page/") }
            #expect(Set(open.map(\.path)) == Set(["/healthz", "/readyz"] + waysIn + toRead + places))
            #expect(table.filter { $0.path.hasPrefix("/page/") }.allSatisfy { $0.method == .get })
            // Who has a session may end it, whatever he may do.
            let logout = "/api/v1/auth/logout"
            #expect(table.first { $0.path == logout }?.access == .authenticated)
            for route in table where route.method != .get && !(waysIn + [logout]).contains(route.path) {
                #expect(route.access == .vpnWrite || route.access == .admin, "\(route.method) \(route.path)")
            }
            // What they send takes no room from others.
            let ways = table.filter { (waysIn + [logout]).contains($0.path) }
            #expect(ways.count == 3 && ways.allSatisfy { $0.bodyLimit == BodyMemory.small })
        }
    }

    @Test func `whatever shows a client's key needs the scope for secrets`() throws {
        try Self.table { table in
            let configurations = table.filter { $0.path.contains("/config") }
            #expect(!configurations.isEmpty)
            #expect(configurations.allSatisfy { $0.access == .vpnSecrets })
        }
    }
}
