/// What the routes lead to.
struct Handlers: Sendable {
    let health: Health
    let tokens: TokenRoutes
    let tunnels: Tunnels
    let statuses: TunnelStatuses
    let peers: Peers
    let batches: PeerBatches
    let configurations: ClientConfigurations
    let summary: Summary
    let associations: Associations
    let associationStatuses: AssociationStatuses
    let farEnds: FarEndConfigurations
    let rules: Rules

    /// All of them, over one store and one helper.
    init(plane: ControlPlane, publicEndpoint: PublicEndpoint?) {
        health = Health(readiness: plane)
        tokens = TokenRoutes(tokens: plane.store, now: { .now })
        tunnels = Tunnels(plane: plane)
        statuses = TunnelStatuses(plane: plane)
        configurations = ClientConfigurations(plane: plane, publicEndpoint: publicEndpoint)
        peers = Peers(plane: plane, configurations: configurations)
        batches = PeerBatches(plane: plane, configurations: configurations)
        summary = Summary(plane: plane)
        associations = Associations(plane: plane)
        associationStatuses = AssociationStatuses(plane: plane)
        farEnds = FarEndConfigurations(plane: plane)
        rules = Rules(plane: plane)
    }
}

/// The whole URL table: method, path, what the caller needs, what answers.
enum Router {
    static func table(_ handlers: Handlers) -> [Route] {
        let health = handlers.health
        let tokens = handlers.tokens
        let tunnels = handlers.tunnels
        let peers = handlers.peers
        let associations = handlers.associations
        return [
            .get("/healthz", .open, health.live),
            .get("/readyz", .open, health.ready),

            .get("/api/v1/tokens", .admin, tokens.list),
            .post("/api/v1/tokens", .admin, tokens.create),
            .delete("/api/v1/tokens/{id}", .admin, tokens.delete),

            .get("/api/v1/vpn/wg", .vpnRead, tunnels.list),
            .post("/api/v1/vpn/wg", .vpnWrite, tunnels.create),
            .get("/api/v1/vpn/wg/{id}", .vpnRead, tunnels.get),
            .put("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.put),
            .patch("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.patch),
            .delete("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.delete),
            .post("/api/v1/vpn/wg/{id}/start", .vpnWrite, tunnels.start),
            .post("/api/v1/vpn/wg/{id}/stop", .vpnWrite, tunnels.stop),
            .get("/api/v1/vpn/wg/{id}/status", .vpnRead, handlers.statuses.get),

            .get("/api/v1/vpn/wg/{id}/peers", .vpnRead, peers.list),
            .post("/api/v1/vpn/wg/{id}/peers", .vpnWrite, peers.create),
            .post("/api/v1/vpn/wg/{id}/peers/bulk", .vpnWrite, limit: Route.largeBodyLimit, handlers.batches.create),
            .get("/api/v1/vpn/wg/{id}/peers/next-ip", .vpnRead, peers.nextAddress),
            .get("/api/v1/vpn/wg/{id}/peers/{peer}", .vpnRead, peers.get),
            .put("/api/v1/vpn/wg/{id}/peers/{peer}", .vpnWrite, peers.put),
            .patch("/api/v1/vpn/wg/{id}/peers/{peer}", .vpnWrite, peers.patch),
            .delete("/api/v1/vpn/wg/{id}/peers/{peer}", .vpnWrite, peers.delete),
            .post("/api/v1/vpn/wg/{id}/peers/{peer}/rotate", .vpnWrite, peers.rotate),
            .get("/api/v1/vpn/wg/{id}/peers/{peer}/config", .vpnSecrets, handlers.configurations.get),
            .get("/api/v1/vpn/wg/{id}/peers/{peer}/config/qr", .vpnSecrets, handlers.configurations.qrCode),

            .get("/api/v1/vpn/ipsec", .vpnRead, associations.list),
            .post("/api/v1/vpn/ipsec", .vpnWrite, associations.create),
            .get("/api/v1/vpn/ipsec/{id}", .vpnRead, associations.get),
            .put("/api/v1/vpn/ipsec/{id}", .vpnWrite, associations.put),
            .patch("/api/v1/vpn/ipsec/{id}", .vpnWrite, associations.patch),
            .delete("/api/v1/vpn/ipsec/{id}", .vpnWrite, associations.delete),
            .post("/api/v1/vpn/ipsec/{id}/start", .vpnWrite, associations.start),
            .post("/api/v1/vpn/ipsec/{id}/stop", .vpnWrite, associations.stop),
            .get("/api/v1/vpn/ipsec/{id}/status", .vpnRead, handlers.associationStatuses.get),
            .get("/api/v1/vpn/ipsec/{id}/config", .vpnSecrets, handlers.farEnds.get),

            .get("/api/v1/vpn/rules", .vpnRead, handlers.rules.get),
            .get("/api/v1/vpn/summary", .vpnRead, handlers.summary.get),
        ]
    }
}
