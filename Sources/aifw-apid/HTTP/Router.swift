/// What the routes lead to.
struct Handlers: Sendable {
    let health: Health
    let tokens: TokenRoutes
    let logins: Logins
    let setup: Setup
    let users: Users
    let oneTimePasswords: OneTimePasswords
    let audit: AuditLog
    let events: Events
    let backups: Backups
    let restores: Restores
    let tunnels: Tunnels
    let imports: Imports
    let statuses: TunnelStatuses
    let histories: TrafficHistories
    let peers: Peers
    let batches: PeerBatches
    let configurations: ClientConfigurations
    let summary: Summary
    let associations: Associations
    let associationStatuses: AssociationStatuses
    let farEnds: FarEndConfigurations
    let rules: Rules
    let webhooks: Webhooks
    let scrapes: Scrapes

    /// All of them, over one store and one helper. Without a courier, webhooks may call where they may without a setting.
    init(
        plane: ControlPlane, publicEndpoint: PublicEndpoint?, monitoring: Monitoring = Monitoring(),
        courier: WebhookCourier? = nil
    ) {
        health = Health(readiness: plane)
        tokens = TokenRoutes(tokens: plane.store, now: { .now })
        let (limits, seeds) = (LoginLimits(meter: plane.meters.logins), SeedVault(folder: plane.store.folder))
        logins = Logins(store: plane.store, limits: limits, seeds: seeds)
        setup = Setup(store: plane.store, limits: limits)
        users = Users(store: plane.store, hasher: PasswordHasher(threads: limits.threads))
        oneTimePasswords = OneTimePasswords(store: plane.store, seeds: seeds)
        audit = AuditLog(store: plane.store)
        events = Events(hub: EventHub(store: plane.store))
        backups = Backups(plane: plane, seeds: seeds, threads: limits.threads)
        restores = Restores(plane: plane, seeds: seeds, threads: limits.threads)
        tunnels = Tunnels(plane: plane)
        imports = Imports(plane: plane)
        statuses = TunnelStatuses(plane: plane)
        histories = TrafficHistories(plane: plane)
        configurations = ClientConfigurations(plane: plane, publicEndpoint: publicEndpoint)
        peers = Peers(plane: plane, configurations: configurations)
        batches = PeerBatches(plane: plane, configurations: configurations)
        summary = Summary(plane: plane)
        associations = Associations(plane: plane)
        associationStatuses = AssociationStatuses(plane: plane)
        farEnds = FarEndConfigurations(plane: plane)
        rules = Rules(plane: plane)
        webhooks = Webhooks(store: plane.store, courier: courier ?? WebhookCourier(vault: seeds), seeds: seeds)
        scrapes = Scrapes(monitoring: monitoring, store: plane.store)
    }
}

/// The whole URL table: method, path, what the caller needs, what answers.
enum Router {
    /// The most that the body may be long of somebody unknown, or of whoever may change nothing: one for which there is always
    /// room.
    private static let loginLimit = BodyMemory.small

    static func table(_ handlers: Handlers) -> [Route] {
        let health = handlers.health
        let tokens = handlers.tokens
        let users = handlers.users
        let oneTimePasswords = handlers.oneTimePasswords
        let tunnels = handlers.tunnels
        let peers = handlers.peers
        let associations = handlers.associations
        let webhooks = handlers.webhooks
        let routes: [Route] = [
            .get("/healthz", .open, health.live),
            .get("/readyz", .open, health.ready),
            .get("/metrics", .vpnRead, handlers.scrapes.get),

            .get("/api/v1/tokens", .admin, tokens.list),
            .post("/api/v1/tokens", .admin, tokens.create),
            .delete("/api/v1/tokens/{id}", .admin, tokens.delete),

            .post("/api/v1/auth/login", .open, limit: loginLimit, handlers.logins.login),
            .post("/api/v1/auth/logout", .authenticated, limit: loginLimit, handlers.logins.logout),
            .get("/api/v1/auth/session", .authenticated, handlers.logins.session),
            .post("/api/v1/auth/setup-code", .admin, handlers.setup.makeCode),
            .post("/api/v1/auth/setup", .open, limit: loginLimit, handlers.setup.run),

            .get("/api/v1/users", .admin, users.list),
            .post("/api/v1/users", .admin, users.create),
            .get("/api/v1/users/{id}", .admin, users.get),
            .patch("/api/v1/users/{id}", .admin, users.patch),
            .delete("/api/v1/users/{id}", .admin, users.delete),
            .post("/api/v1/users/{id}/totp", .admin, oneTimePasswords.enrol),
            .put("/api/v1/users/{id}/totp", .admin, oneTimePasswords.confirm),
            .delete("/api/v1/users/{id}/totp", .admin, oneTimePasswords.remove),

            .get("/api/v1/audit", .admin, handlers.audit.list),
            .get("/api/v1/events", .vpnRead, handlers.events.get),
            .get("/api/v1/backup", .admin, handlers.backups.get),
            .post("/api/v1/restore", .admin, limit: Route.largeBodyLimit, handlers.restores.create),

            .get("/api/v1/webhooks", .admin, webhooks.list),
            .post("/api/v1/webhooks", .admin, webhooks.create),
            .get("/api/v1/webhooks/{id}", .admin, webhooks.get),
            .patch("/api/v1/webhooks/{id}", .admin, webhooks.patch),
            .delete("/api/v1/webhooks/{id}", .admin, webhooks.delete),
            .post("/api/v1/webhooks/{id}/rotate", .admin, webhooks.rotate),
            .post("/api/v1/webhooks/{id}/test", .admin, webhooks.test),

            .get("/api/v1/vpn/wg", .vpnRead, tunnels.list),
            .post("/api/v1/vpn/wg", .vpnWrite, tunnels.create),
            .post("/api/v1/vpn/wg/import", .vpnWrite, limit: Route.largeBodyLimit, handlers.imports.create),
            .get("/api/v1/vpn/wg/{id}", .vpnRead, tunnels.get),
            .put("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.put),
            .patch("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.patch),
            .delete("/api/v1/vpn/wg/{id}", .vpnWrite, tunnels.delete),
            .post("/api/v1/vpn/wg/{id}/start", .vpnWrite, tunnels.start),
            .post("/api/v1/vpn/wg/{id}/stop", .vpnWrite, tunnels.stop),
            .get("/api/v1/vpn/wg/{id}/status", .vpnRead, handlers.statuses.get),
            .get("/api/v1/vpn/wg/{id}/history", .vpnRead, handlers.histories.get),

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
            .get("/api/v1/vpn/history", .vpnRead, handlers.histories.getAll),
        ]
        return routes + DescriptionRoutes.routes(describing: routes) + PageRoutes.routes()
    }
}
