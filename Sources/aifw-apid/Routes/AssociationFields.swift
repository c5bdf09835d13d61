import Wire

/// What a request says of an association: every member that can be set, with what is left out told from what is cleared.
///
/// `null` brings back what there is when nothing is said: for an SPI or a key a new one that is drawn by lot.
struct AssociationFields: Sendable {
    let name: Field<ObjectName>
    let local: Field<IPAddress>
    let remote: Field<IPAddress>
    let protection: Field<IPsecProtection>
    let mode: Field<IPsecMode>
    let encryption: Field<EncryptionAlgorithm>
    let authentication: Field<AuthenticationAlgorithm>
    let localNetworks: Field<NetworkList>
    let remoteNetworks: Field<NetworkList>
    let spiIn: Field<SPI>
    let spiOut: Field<SPI>
    let keys: [AssociationKeySlot: Field<HexKey>]
    let replayWindow: Field<ReplayWindow>
    let enabled: Field<Bool>

    /// Reads the members; ``BodyReader/finish()`` is the caller's.
    init(_ reader: BodyReader, _ completeness: TunnelFields.Completeness) {
        switch completeness {
        case .whole:
            name = reader.required("name").map { .value($0) } ?? .absent
            local = reader.required("src_addr", aliases: "local_addr").map { .value($0) } ?? .absent
            remote = reader.required("dst_addr", aliases: "remote_addr").map { .value($0) } ?? .absent
        case .partial:
            name = reader.settable("name")
            local = reader.optional("src_addr", aliases: "local_addr")
            reader.refuseNull("src_addr", local)
            remote = reader.optional("dst_addr", aliases: "remote_addr")
            reader.refuseNull("dst_addr", remote)
        }
        protection = reader.optional("protocol", parse: IPsecProtection.init(json:))
        mode = reader.optional("mode")
        encryption = reader.optional("enc_algo")
        authentication = reader.optional("auth_algo")
        localNetworks = reader.optional("src_networks", emptyClears: true)
        remoteNetworks = reader.optional("dst_networks", emptyClears: true)
        spiIn = reader.optional("spi_in") { (json) throws(ValueError) in try SPIText(json: json).spi }
        spiOut = reader.optional("spi_out") { (json) throws(ValueError) in try SPIText(json: json).spi }
        keys = Dictionary(
            uniqueKeysWithValues: AssociationKeySlot.allCases.map { slot in
                (slot, reader.optional(slot.member, parse: HexKey.init(json:)))
            })
        replayWindow = reader.optional("replay_window")
        enabled = reader.settable("enabled")
    }

    func key(_ slot: AssociationKeySlot) -> Field<HexKey> { keys[slot] ?? .absent }
}

extension AssociationKeySlot {
    /// The member of the API's body.
    var member: String {
        switch self {
        case .encryptionIn: "enc_key_in"
        case .encryptionOut: "enc_key_out"
        case .authenticationIn: "auth_key_in"
        case .authenticationOut: "auth_key_out"
        }
    }
}

extension IPsecProtection {
    /// Takes `esp_ah` too, as older clients write it.
    init(json: JSON) throws(ValueError) {
        guard let word = json.text, let value = word == "esp_ah" ? .espAndAH : IPsecProtection(rawValue: word) else {
            let words = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw ValueError("must be one of \(words)\(json.text.map { ", not \($0.quoted)" } ?? "")")
        }
        self = value
    }
}
