extension Shapes {
    static let backup: [Named] = [
        (
            "Restoration",
            .object(
                [
                    .needed("dry_run", .flag, "Whether this is only what would be."),
                    .needed(
                        "revision", Shape.whole(from: 1).orNull,
                        "The version that everything has which was changed; null where nothing was."),
                    .needed("backup_created_at", .text.format("date-time"), "Of when the backup is."),
                ]
                    + BackupRecord.Kind.allCases.map { kind in .needed(kind.plural, .named("RestoredCounts")) } + [
                        .needed("new_tunnel_keys", .list(of: .text), "The names of the tunnels that get new keys."),
                        .needed(
                            "restarted_tunnels", .list(of: .text),
                            "The names of the running tunnels whose sessions end."),
                    ])
        ),
        (
            "RestoredCounts",
            .object(["created", "updated", "deleted", "unchanged"].map { .needed($0, .whole(from: 0)) })
        ),
    ]
}
