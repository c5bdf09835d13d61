import HTTPTypes
import Wire

extension Operations {
    static let events: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/events", id: "followEvents", topic: .events,
            summary: "What changes, as it changes",
            details: """
                Server-sent events (WHATWG HTML, section 9.2), for `EventSource` and the like; the answer does not end by itself. \
                `change` (`ChangeEvent`) has the revision as its id: who comes back with the id of the last one is sent each \
                change after it, once. Without an id it begins with the next change. Users, tokens and webhooks are told of to \
                administrators only.

                `status` (`StatusEvent`) and `handshake` (`HandshakeEvent`) say what was found in the kernel to be different; they \
                have no id and are not sent again. `reset` (`ResetEvent`) says that the id is none to go on from: it is no \
                revision, or more than 10000 changes back; read everything anew.

                There is a comment every 15 s at least. Who takes nothing for 20 s is cut off; a revoked token and a session that \
                has ended end the stream. 16 streams a caller, 64 in all.
                """,
            parameters: [
                .header("Last-Event-ID", .text, "The id of the last event that was seen.", example: "42"),
                .query(
                    "last_event_id", .text, "The same, where the header can't be set; both must say the same.",
                    example: "42"),
                .query(
                    "follow", Shape.flag.standard(true),
                    "`false` ends the answer with the last change that there is now."),
            ],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "Events, for as long as the client listens.",
                    // Some programs hold each event against it, others the text that they make up.
                    forms: [.init(type: "text/event-stream", schema: .any, examples: [stream])],
                    headers: [.notStored])
            ], problems: [.tooManyStreams])
    ]

    private static let stream = Example("stream", "A change, and what came of it", .text(blocks))

    private static let blocks = """
        retry: 2000
        id: 41

        event: change
        id: 42
        data: {"revision":42,"time":"2026-01-31T18:00:00Z","action":"start","object":{"type":"tunnel",\
        "id":"\(Samples.tunnelID)","name":"office-vpn"}}

        event: status
        data: {"time":"2026-01-31T18:00:01Z","object":{"type":"tunnel","id":"\(Samples.tunnelID)","name":"office-vpn"},\
        "status":"up","status_detail":null}

        : still here


        """
}
