import Wire

/// What is said of every line of the URL table, a file a group.
enum Operations {
    static let all =
        health + description + tokens + users + logins + audit + events + backup + webhooks + tunnels + imports
        + traffic + peers + bulk + configurations + associations + rules + summary

    /// How every list is cut (``ListQuery``).
    static let list: [Parameter] = [
        .query("limit", Shape.whole(1...1000).standard(100), "How many at most."),
        .query("cursor", .text, "The `next_cursor` of the page before, with the same `sort`."),
        .query("q", .text, "What the name contains, or an address or a key begins with."),
        .query(
            "sort", Shape.words(ListQuery.Sort.self).standard("created_at"), "A minus has the last one first."),
    ]
}
