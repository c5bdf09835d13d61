import HummingbirdCore
import Wire

/// Says what is missing before requests can be answered.
protocol Readiness: Sendable {
    /// One sentence for each thing that does not answer (the helper, the database); empty when all is well.
    func missing() async -> [String]
}

/// `/healthz`: the process answers. `/readyz`: so do the helper and the database.
struct Health: Sendable {
    let readiness: any Readiness

    @Sendable func live(_ context: APIContext) async throws -> Response {
        Response.bare(["status": "ok"]).notStored
    }

    @Sendable func ready(_ context: APIContext) async throws -> Response {
        let missing = await readiness.missing()
        guard missing.isEmpty else {
            throw Problem(.notReady, missing.joined(separator: " ")).retry(afterSeconds: 2)
        }
        return Response.bare(["status": "ready"]).notStored
    }
}
