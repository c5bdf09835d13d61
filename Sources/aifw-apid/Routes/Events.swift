import HTTPTypes
import HummingbirdCore
import NIOCore
import Wire

/// `/api/v1/events`: what changes, as it changes, for whoever may read the VPN (server-sent events).
struct Events: Sendable {
    let hub: EventHub

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let asked = reader.text("last_event_id").flatMap { $0.isEmpty ? nil : $0 }
        let follows = reader.flag("follow") ?? true
        let header = context.request.headers[.lastEventID].flatMap { $0.isEmpty ? nil : $0 }
        if let asked, let header, !asked.utf8.elementsEqual(header.utf8) {
            reader.fault("last_event_id", "is not what the header Last-Event-ID says")
        }
        try reader.finish()
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no",
        ]
        // With HTTP/1 the connection ends with the stream, as it does when the client has had enough.
        if !context.channel.isStream { headers[.connection] = "close" }
        guard context.request.method != .head else { return Response(status: .ok, headers: headers) }
        guard let credential = StreamCredential(context) else {
            throw Problem(.internalError, "Nobody is asking.")
        }
        let place = try hub.open(for: context.caller.kind)
        let (start, last) = try await hub.store.read { transaction in
            let last = try transaction.revision()
            return (
                ResumePoint(lastEventID: header ?? asked, oldest: try transaction.oldestRevision(), last: last), last
            )
        }
        let stream = EventStream(
            store: hub.store, place: place, credential: credential,
            follower: Follower(from: start, scopes: context.caller.scopes), end: follows ? nil : last)
        let mailbox = place.mailbox
        HangUp.watch(context.channel) { mailbox.end() }
        return Response(status: .ok, headers: headers, body: ResponseBody { try await stream.run(&$0) })
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    /// Asks nginx not to gather an answer before it passes it on.
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
