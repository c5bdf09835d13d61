import Wire

/// The first record of a backup: when it was made, of which state, and what it holds.
struct BackupSummary: Message {
    let createdAt: Timestamp
    /// The version of the program that made it; for people.
    let program: String
    /// The last revision that is in it.
    let revision: UInt64
    let counts: [BackupRecord.Kind: Int]
    /// What whoever keeps it should know.
    let warnings: [String]

    private static let warningLimit = 1000

    init(createdAt: Timestamp, program: String, revision: Int64, counts: [BackupRecord.Kind: Int], warnings: [String]) {
        self.createdAt = createdAt
        self.program = program
        self.revision = UInt64(clamping: revision)
        self.counts = counts
        self.warnings = warnings
    }

    init(reader: inout MemberReader) throws(Refusal) {
        createdAt = try reader.required("created_at")
        program = try reader.required("program")
        revision = try reader.required("revision")
        var counts: [BackupRecord.Kind: Int] = [:]
        for kind in BackupRecord.Kind.allCases {
            let count: UInt64 = try reader.required(kind.plural)
            counts[kind] = Int(clamping: count)
        }
        self.counts = counts
        warnings = try reader.list("warnings", limit: Self.warningLimit) ?? []
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("created_at", createdAt)
            writer.add("program", program)
            writer.add("revision", revision)
            for kind in BackupRecord.Kind.allCases { writer.add(kind.plural, UInt64(counts[kind] ?? 0)) }
            writer.add("warnings", Array(warnings.prefix(Self.warningLimit)))
        }.members
    }
}
