extension Fixtures {
    static let associationID = "8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13"
    /// A key of aes-256-gcm in hex, with its salt.
    static let hexKey = String(repeating: "0b", count: 36)

    static let association = """
        {"id":"\(associationID)","name":"office-to-dc","src_addr":"203.0.113.1","dst_addr":"198.51.100.1",\
        "protocol":"esp","mode":"tunnel","enc_algo":"aes-256-gcm","auth_algo":"hmac-sha256",\
        "src_networks":["203.0.113.1/32"],"dst_networks":["198.51.100.1/32"],"spi":49374,"spi_in":49374,\
        "spi_out":3735928559,"replay_window":0,"enabled":true,"status":"up","status_detail":null,"installed":true,\
        "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}
        """
    static let associationStatus = """
        {"running":true,"in":{"spi":49374,"bytes":1536,"packets":12,"failures":0,"outside_window":0,"repeated":0,\
        "unauthentic":0,"added_at":"2026-01-01T00:00:00Z","used_at":"2026-01-01T00:00:10Z"},"out":{"spi":3735928559,\
        "bytes":12900000,"packets":9000,"failures":0,"outside_window":0,"repeated":0,"unauthentic":0,\
        "added_at":"2026-01-01T00:00:00Z","used_at":null}}
        """
    /// What the far end of `office-to-dc` would have written.
    static let farEnd = """
        {"name":"office-to-dc","src_addr":"203.0.113.1","dst_addr":"198.51.100.1","protocol":"esp","mode":"tunnel",\
        "enc_algo":"aes-256-gcm","spi_in":49374,"spi_out":3735928559,"enc_key_in":"\(hexKey)","enc_key_out":"\(hexKey)"}
        """
    static let script = "#!/bin/sh\nip -batch - <<'END'\nEND\n"
    static let rules = """
        {"data":[{"kind":"listen-port","object":{"type":"tunnel","id":"\(tunnelID)","name":"office"},"loaded":true,\
        "port":51820,"interface":"eth0"},\
        {"kind":"tunnel-traffic","object":{"type":"tunnel","id":"\(tunnelID)","name":"office"},"loaded":true,\
        "interface":"wg0"},\
        {"kind":"protected-packets","object":{"type":"association","id":"\(associationID)","name":"office-to-dc"},\
        "loaded":true,"protocol":"esp","local":"203.0.113.1","remote":"198.51.100.1"},\
        {"kind":"key-exchange","object":{"type":"association","id":"\(associationID)","name":"office-to-dc"},\
        "loaded":false,"local":"203.0.113.1","remote":"198.51.100.1"},\
        {"kind":"inner-traffic","object":{"type":"association","id":"\(associationID)","name":"office-to-dc"},\
        "loaded":true,"local":"10.1.0.0/16","remote":"10.2.0.0/16"}],"total":5,"filter":"nftables"}
        """

    /// The part of ``daemon(_:)`` that has the association `office-to-dc`, and the rules.
    @Sendable static func associations(_ call: FakeAPI.Call) -> FakeAPI.Answer {
        let list = "/api/v1/vpn/ipsec"
        let one = "\(list)/\(associationID)"
        func plain(_ text: String) -> FakeAPI.Answer { .init(fields: ["Content-Type: text/plain"], body: text) }
        switch call.line {
        case "GET \(list)?limit=1000", "GET \(list)?q=office-to-dc&limit=1000":
            return .json(#"{"data":[\#(association)],"total":1}"#)
        case "POST \(list)": return .json(#"{"data":\#(association),"warnings":["It is far away."]}"#, status: 201)
        case "GET \(one)", "PATCH \(one)": return .json(#"{"data":\#(association)}"#)
        case "DELETE \(one)": return .json(#"{"message":"Association deleted"}"#)
        case "POST \(one)/start": return .json(#"{"message":"Association started"}"#)
        case "POST \(one)/stop": return .json(#"{"message":"Association stopped"}"#)
        case "GET \(one)/status": return .json(associationStatus)
        case "GET \(one)/config?format=xfrm": return plain(script)
        case "GET \(one)/config?format=setkey": return plain("flush;\n")
        case "GET \(one)/config?format=json": return .json(farEnd)
        case "GET /api/v1/vpn/rules?limit=1000": return .json(rules)
        case "GET /api/v1/vpn/rules?format=pf": return plain("pass in quick on wg0\n")
        case "GET /api/v1/vpn/rules?format=nft": return plain("table inet aifw {\n}\n")
        case let line where line.hasPrefix("GET \(list)?"): return .json(#"{"data":[],"total":0}"#)
        default: return .problem(404, notFound)
        }
    }
}
