import HTTPTypes
import Wire

extension Operations {
    static let traffic: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/vpn/wg/{id}/history", id: "getTunnelHistory", topic: .tunnels,
            summary: "What a tunnel has carried, and when",
            details: """
                Bytes in slots of equal length, the oldest first: `hour` has 360 of 10 s, `day` 288 of 5 min, `month` 360 of 2 h. \
                The last one is under way. A slot is null where nothing was observed, for the service did not run, could not \
                ask, or what is asked of was not there yet; what flowed meanwhile is in `total` and in no slot.

                `total` is all that was carried since the tunnel or the peer was made, whatever was restarted; a tunnel's has \
                that of peers that are gone, too.
                """,
            parameters: [
                range,
                .query("peer", .named("Id"), "The id of a peer of the tunnel, for that of the peer alone."),
            ],
            answers: [
                .json(
                    "The history.", Shapes.data(.named("TrafficHistory")),
                    examples: [Example("hour", "A client that was first heard from 15 s ago", ["data": history])])
            ]),
        Operation(
            method: .get, path: "/api/v1/vpn/history", id: "getHistory", topic: .tunnels,
            summary: "What all tunnels together have carried, and when",
            details: """
                The sum of the histories of all tunnels that there are. A slot is null where nothing was observed, or there was \
                no tunnel yet.
                """,
            parameters: [range],
            answers: [
                .json(
                    "The history.", Shapes.data(.named("TrafficHistory")),
                    examples: [Example("hour", "One tunnel, first heard from 15 s ago", ["data": history])])
            ]),
    ]

    private static let range = Parameter.query(
        "range", Shape.words(TrafficRange.self).standard("hour"), "How far back, and in which steps.")

    private static let history: JSON = [
        "range": "hour",
        "step": 10,
        "from": "2026-01-31T17:00:10Z",
        "to": "2026-01-31T18:00:10Z",
        "received": slots(7420, 3288),
        "sent": slots(91_204, 4120),
        "total": ["received": 10_708, "sent": 95_324],
    ]

    private static func slots(_ last: JSON...) -> JSON {
        .array(Array(repeating: nil, count: Int(TrafficRange.hour.count) - last.count) + last)
    }
}
