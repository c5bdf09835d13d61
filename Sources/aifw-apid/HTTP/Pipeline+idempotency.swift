import HTTPTypes
import HummingbirdCore

extension Pipeline {
    /// Has the route's handler answer; a POST with an idempotency key once only, and its first answer again after that.
    ///
    /// Open routes have no caller whose key it could be: there it means nothing.
    func handle(_ context: APIContext) async throws -> Response {
        guard let idempotency, context.request.method == .post, let keeper = context.caller.keeper else {
            return try await context.route.handler(context)
        }
        let key = try IdempotencyKey(context.request.headers)
        guard let key else { return try await context.route.handler(context) }
        // The handler is given this very memory, so that there is one copy of a body, which is wiped.
        let body = try await context.bytes()
        var read = context
        read.received = body
        let request = key.request(context.request, body: body, from: keeper)
        let prepared = read
        return try await idempotency.answer(request) { try await prepared.route.handler(prepared) }
    }
}
