import HummingbirdCore
import Wire

/// `/metrics`: what is measured, for Prometheus.
struct Scrapes: Sendable {
    let monitoring: Monitoring
    let store: Store

    /// `?peers=true` adds series for each of the first peers.
    @Sendable func get(_ context: APIContext) async throws -> Response {
        let query = context.query
        let hasPeers = query.flag("peers") ?? false
        try query.finish()
        let text = monitoring.text(hasPeers: hasPeers, backlog: store.backlog)
        return Response.bytes(Bytes(Array(text.utf8)), type: Exposition.contentType).notStored
    }
}
