import Wire

/// IPsec associations as they are read and written.
extension Shapes {
    static let associations: [Named] = [
        ("Association", .object(association)),
        ("AssociationCreation", whole(.object(associationMembers))),
        ("AssociationReplacement", whole(.object(associationMembers + associationReadOnly))),
        ("AssociationPatch", .object((associationMembers + associationReadOnly).partial)),
        (
            "AssociationStatus",
            .any(of: [
                .object([.needed("running", .constant(false))]),
                .object([
                    .needed("running", .constant(true)), .needed("in", .named("Direction")),
                    .needed("out", .named("Direction")),
                ]),
            ])
        ),
        ("Direction", .object(direction)),
        ("FarEnd", .object(farEnd)),
    ]

    /// The two ends under either of their spellings.
    private static func whole(_ schema: Shape) -> Shape {
        schema.needing([["src_addr", "local_addr"], ["dst_addr", "remote_addr"]])
    }

    private static let encryption = Shape.words(EncryptionAlgorithm.self)
    private static let authentication = Shape.words(AuthenticationAlgorithm.self)
    private static let mode = Shape.words(IPsecMode.self)

    private static let association: [Property] = [
        .needed("id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("src_addr", .named("Address"), "This host's end."),
        .needed("dst_addr", .named("Address"), "The far end."),
        .needed("protocol", .words(IPsecProtection.self)),
        .needed("mode", mode),
        .needed("enc_algo", encryption),
        .needed("auth_algo", authentication, "What AH, and ESP with CBC, authenticates by."),
        .needed("src_networks", networks, "What is behind this host; null in transport mode."),
        .needed("dst_networks", networks, "What is behind the far end; null in transport mode."),
        .needed("spi", .named("SPI"), "The same as `spi_in`."),
        .needed("spi_in", .named("SPI")),
        .needed("spi_out", .named("SPI")),
        .needed("replay_window", .whole(0...32)),
        .needed("enabled", .flag),
        .needed("status", .named("State")),
        .needed("status_detail", Shape.text.orNull, "Why it is not as it is wanted."),
        .needed("installed", Shape.flag.orNull, "Whether all of it is in the kernel; null if nobody knows."),
        .needed("created_at", .named("Time")),
        .needed("updated_at", .named("Time")),
    ]

    private static let networks = Shape.list(of: .named("Prefix"), count: 1...16).orNull

    private static let networksGiven = Shape.any(of: [
        commaList(.named("Prefix"), "0-9A-Fa-f.:/", atMost: 16), empty, .null,
    ])

    private static let spiGiven = Shape.any(of: [
        number(
            256...4_294_967_295,
            decimal: "25[6-9]|2[6-9][0-9]|[3-9][0-9]{2}|[1-9][0-9]{3,8}|\(tenDigits)",
            hexadecimal: "[1-9A-Fa-f][0-9A-Fa-f]{2,7}"), .null,
    ])

    private static let associationMembers: [Property] = [
        .needed("name", .named("Name")),
        .optional("src_addr", .named("Address"), "This host's end."),
        .optional("local_addr", .named("Address"), "Another spelling of `src_addr`."),
        .optional("dst_addr", .named("Address"), "The far end: of the same family, another address."),
        .optional("remote_addr", .named("Address"), "Another spelling of `dst_addr`."),
        .optional(
            "protocol", Shape.words(IPsecProtection.allCases.map(\.rawValue) + ["esp_ah"]).orNull,
            "`esp` if nothing is said; `esp_ah` is `esp+ah`."),
        .optional("mode", mode.orNull, "`tunnel` if nothing is said."),
        .optional("enc_algo", encryption.orNull, "`aes-256-gcm` if nothing is said."),
        .optional("auth_algo", authentication.orNull, "`hmac-sha256` if nothing is said."),
        .optional("src_networks", networksGiven, "In tunnel mode; else the end itself."),
        .optional("dst_networks", networksGiven, "In tunnel mode; else the end itself."),
        .optional("spi_in", spiGiven, "Else drawn by lot; null draws a new one."),
        .optional("spi_out", spiGiven, "Else drawn by lot; null draws a new one."),
        .optional("enc_key_in", keyGiven, Self.keyWords),
        .optional("enc_key_out", keyGiven, Self.keyWords),
        .optional("auth_key_in", keyGiven, Self.keyWords),
        .optional("auth_key_out", keyGiven, Self.keyWords),
        .optional("replay_window", Shape.whole(0...32).orNull, "Packets; 0 is off."),
        .optional("enabled", .flag, "True if nothing is said: it goes to the kernel at once."),
    ]

    private static let keyGiven = Shape.named("HexKey").orNull
    private static let keyWords = "As long as the algorithm asks for; else made here. Null makes a new one."

    private static let associationReadOnly: [Property] = [
        .optional("id", .text, Words.readOnly),
        .optional("spi", Shape.any(of: [.whole(from: 0), .text]), Words.readOnly),
        .optional("created_at", .text, Words.readOnly),
        .optional("updated_at", .text, Words.readOnly),
        .optional("status", Shape.named("State").orNull, "What the kernel says; taken and ignored."),
        .optional("status_detail", .any, Words.ignored),
        .optional("installed", .any, Words.ignored),
    ]

    private static let direction: [Property] = [
        .needed("spi", .named("SPI")),
        .needed("bytes", .whole(from: 0)),
        .needed("packets", .whole(from: 0)),
        .needed("failures", .whole(from: 0), "Packets dropped: the sum of the next three."),
        .needed("outside_window", .whole(from: 0), "Too old for the replay window."),
        .needed("repeated", .whole(from: 0), "Seen before."),
        .needed("unauthentic", .whole(from: 0), "Changed on the way, or protected by another key."),
        .needed("added_at", Shape.named("Time").orNull),
        .needed("used_at", Shape.named("Time").orNull),
    ]

    private static let farEnd: [Property] = [
        .needed("name", .named("Name")),
        .needed("src_addr", .named("Address")),
        .needed("dst_addr", .named("Address")),
        .needed("protocol", .words(IPsecProtection.self)),
        .needed("mode", mode),
        .optional("enc_algo", encryption),
        .optional("auth_algo", authentication),
        .optional("src_networks", .list(of: .named("Prefix"), count: 1...16)),
        .optional("dst_networks", .list(of: .named("Prefix"), count: 1...16)),
        .needed("spi_in", .named("SPI")),
        .needed("spi_out", .named("SPI")),
        .optional("enc_key_in", .named("HexKey")),
        .optional("auth_key_in", .named("HexKey")),
        .optional("enc_key_out", .named("HexKey")),
        .optional("auth_key_out", .named("HexKey")),
        .needed("replay_window", .whole(0...32)),
    ]
}
