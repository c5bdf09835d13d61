import Wire

/// What a request says of a peer: every member that can be set, with what is left out told from what is cleared.
struct PeerFields: Sendable {
    let name: Field<ObjectName>
    let publicKey: Field<PublicKey>
    let presharedKey: Field<PresharedKeyChoice>
    let endpoint: Field<PeerEndpoint>
    let allowedIPs: Field<AllowedIPs.Choice>
    let clientRoutes: Field<PrefixList>
    let keepalive: Field<Keepalive>
    let enabled: Field<Bool>
    let expiresAt: Field<Timestamp>
    /// Whether the allowed IPs may overlap those of another peer.
    let allowOverlap: Field<Bool>

    /// Reads the members; ``BodyReader/finish()`` is the caller's.
    init(_ reader: BodyReader, _ completeness: TunnelFields.Completeness) {
        switch completeness {
        case .whole: name = reader.required("name").map { .value($0) } ?? .absent
        case .partial: name = reader.settable("name")
        }
        publicKey = reader.optional("public_key")
        presharedKey = reader.optional("preshared_key", emptyClears: true)
        endpoint = reader.optional("endpoint", emptyClears: true)
        allowedIPs = reader.optional("allowed_ips")
        clientRoutes = reader.optional("client_routes", emptyClears: true)
        keepalive = reader.optional("persistent_keepalive", aliases: "keepalive")
        enabled = reader.settable("enabled")
        expiresAt = reader.optional("expires_at")
        allowOverlap = reader.optional("allow_overlap")
        reader.ignored("auto_generate_key")
    }
}

/// A pre-shared key as a request gives it: the key, or the word "auto" for one that is made here.
enum PresharedKeyChoice: WireValue {
    case auto
    case given(SecretKey)

    init(json: JSON) throws(ValueError) {
        if case .string(let word) = json, word == JSONString("auto") {
            self = .auto
        } else {
            self = .given(try SecretKey(json: json))
        }
    }

    var json: JSON {
        switch self {
        case .auto: "auto"
        case .given(let key): key.json
        }
    }
}
