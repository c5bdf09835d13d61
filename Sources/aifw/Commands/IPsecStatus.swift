internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-status`: what the kernel says about an association now.
struct IPsecStatus: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-status", abstract: "Show whether an association is installed, and what it has carried.")

    @Argument(help: ArgumentHelp("The association: its id or name.", valueName: "id"))
    var association: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.associationID(association)
        let response = try client.send(Request(.get, ["vpn", "ipsec", id, "status"]))
        let status = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        try output.write(Self.text(status, colour: output.colour))
        for remark in Self.remarks(status) { output.note(remark) }
    }

    static func text(_ status: JSON, colour: Bool) -> String {
        let running = status["running"] == .bool(true)
        var details = Details()
        details.add("running", running ? "yes" : "no", running ? .good : .faint)
        guard running else { return details.rendered(colour: colour) }
        return details.rendered(colour: colour) + "\n" + table(status).rendered(colour: colour)
    }

    private static func table(_ status: JSON) -> Table {
        var table = Table([Table.Column("DIRECTION"), Table.Column("IN"), Table.Column("OUT")])
        func add(_ label: String, _ field: String, isFault: Bool = false, _ shown: (JSON) -> String?) {
            let values = ["in", "out"].map { status[$0]?[field] ?? .null }
            table.rows.append(
                [Table.Cell(label)]
                    + values.map { Table.Cell(shown($0), isFault && ($0.integer ?? 0) > 0 ? .bad : .plain) })
        }
        add("SPI", "spi", \.spi)
        add("packets", "packets", \.shown)
        add("bytes", "bytes") { $0.integer.map(Amounts.bytes) }
        add("failures", "failures", isFault: true, \.shown)
        add("  too old", "outside_window", isFault: true, \.shown)
        add("  repeated", "repeated", isFault: true, \.shown)
        add("  not authentic", "unauthentic", isFault: true, \.shown)
        add("installed", "added_at", \.shown)
        add("first used", "used_at") { $0.shown ?? "never" }
        return table
    }

    /// What the numbers probably mean, where they mean trouble.
    private static func remarks(_ status: JSON) -> [String] {
        func count(_ direction: String, _ field: String) -> Int64 { status[direction]?[field]?.integer ?? 0 }
        var remarks: [String] = []
        if count("in", "unauthentic") > 0 {
            remarks.append("Packets are not authentic: the far end has other keys, or somebody else sends.")
        }
        if count("in", "outside_window") + count("in", "repeated") > 0 {
            remarks.append(
                """
                Packets are too old or repeated: somebody replays them, or the far end began to count anew, which only \
                --replay-window 0 allows.
                """)
        }
        if count("out", "packets") > 0, count("in", "packets") + count("in", "failures") == 0 {
            remarks.append(
                """
                Nothing has come in yet: does the far end have its configuration, and do its packets get through? They \
                are no TCP or UDP, but ESP (IP protocol 50) or AH (51).
                """)
        }
        if count("out", "packets") > Self.manyPackets {
            remarks.append(
                """
                The sequence numbers are nearly used up: after 4294967295 packets nothing is sent any more. Begin anew by \
                `aifw vpn ipsec-stop` and `ipsec-start`, or with other keys by `ipsec-edit --new-keys`.
                """)
        }
        return remarks
    }

    /// From how many sent packets on the end of the 32-bit sequence numbers (RFC 4303, section 3.3.3) is near.
    private static let manyPackets: Int64 = 4_000_000_000
}
