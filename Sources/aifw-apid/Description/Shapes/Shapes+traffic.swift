import Wire

/// What was carried.
extension Shapes {
    static let traffic: [Named] = [
        (
            "TrafficHistory",
            .object([
                .needed("range", .words(TrafficRange.self)),
                .needed("step", .whole(from: 1), "Seconds of a slot."),
                .needed("from", .named("Time"), "The beginning of the first slot."),
                .needed("to", .named("Time"), "The end of the last slot, which is under way."),
                .needed("received", slots, "What came from peers, in bytes, slot by slot."),
                .needed("sent", slots, "What was sent to peers."),
                .needed(
                    "total",
                    .object([.needed("received", .whole(from: 0)), .needed("sent", .whole(from: 0))]),
                    "All that was ever carried, in bytes."),
            ])
        )
    ]

    private static let slots = Shape.list(
        of: Shape.whole(from: 0).orNull, count: TrafficRange.day.count...TrafficRange.hour.count)
}
