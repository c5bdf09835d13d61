/// Objects as the API sends them.
enum Fixtures {
    static let tunnelID = "5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"
    static let otherTunnelID = "6bd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a11"
    static let peerID = "7cd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a12"
    static let key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="

    static let tunnel = """
        {"id":"\(tunnelID)","name":"office","interface":"wg0","public_key":"\(key)","listen_port":51820,\
        "address":"10.0.0.1/24","dns":null,"mtu":1420,"enabled":true,"status":"up","status_detail":null,\
        "peer_count":2,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}
        """
    static let otherTunnel = """
        {"id":"\(otherTunnelID)","name":"wg0","interface":"wg1","public_key":"\(key)","listen_port":51821,\
        "address":"10.1.0.1/24, fd00::1/64","enabled":false,"status":"down","peer_count":0}
        """
    static let peer = """
        {"id":"\(peerID)","tunnel_id":"\(tunnelID)","name":"laptop","public_key":"\(key)",\
        "has_preshared_key":false,"has_private_key":true,"endpoint":null,"allowed_ips":["10.0.0.2/32","fd00::2/128"],\
        "persistent_keepalive":25,"enabled":true,"expires_at":null}
        """
    static let status = """
        {"running":true,"interface":"wg0","listen_port":51820,"public_key":"\(key)","peer_count":2,"peers":[\
        {"id":"\(peerID)","name":"laptop","public_key":"\(key)","endpoint":"192.0.2.7:40000",\
        "allowed_ips":"10.0.0.2/32,fd00::2/128","state":"online","latest_handshake":1790000000,\
        "latest_handshake_secs_ago":12,"transfer_rx":1536,"transfer_tx":12900000,"persistent_keepalive":25},\
        {"id":"8","name":"phone","public_key":"\(key)","endpoint":null,"allowed_ips":"10.0.0.3/32",\
        "state":"never","latest_handshake":0,"latest_handshake_secs_ago":-1,"transfer_rx":0,"transfer_tx":0,\
        "persistent_keepalive":null}]}
        """
    static let notFound = """
        {"type":"/problems/not-found","title":"Not found","status":404,"detail":"There is no such object."}
        """

    /// A daemon with the tunnel `office` and its peer `laptop`, the tunnel `wg0` on wg1, and the association `office-to-dc`.
    @Sendable static func daemon(_ call: FakeAPI.Call) -> FakeAPI.Answer {
        let peers = "/api/v1/vpn/wg/\(tunnelID)/peers"
        switch call.line {
        case "GET /api/v1/vpn/wg?limit=1000": return .json(#"{"data":[\#(tunnel),\#(otherTunnel)],"total":2}"#)
        case "POST /api/v1/vpn/wg": return .json(#"{"data":\#(tunnel)}"#, status: 201)
        case "POST /api/v1/vpn/wg/\(tunnelID)/start": return .json(#"{"message":"Tunnel started"}"#)
        case "POST /api/v1/vpn/wg/\(tunnelID)/stop": return .json(#"{"message":"Tunnel stopped"}"#)
        case "GET /api/v1/vpn/wg/\(tunnelID)/status": return .json(status)
        case "POST \(peers)": return .json(#"{"data":\#(peer),"warnings":["It is far away."]}"#, status: 201)
        case "GET \(peers)?limit=1000", "GET \(peers)?q=laptop&limit=1000": return .json(#"{"data":[\#(peer)]}"#)
        case "GET \(peers)/\(peerID)": return .json(#"{"data":\#(peer)}"#)
        case "PATCH /api/v1/vpn/wg/\(tunnelID)": return .json(#"{"data":\#(tunnel),"warnings":["1 peer is outside."]}"#)
        case "PATCH \(peers)/\(peerID)", "POST \(peers)/\(peerID)/rotate": return .json(#"{"data":\#(peer)}"#)
        case "DELETE \(peers)/\(peerID)": return .json(#"{"message":"Peer deleted"}"#)
        case "DELETE /api/v1/vpn/wg/\(tunnelID)": return .json(#"{"message":"Tunnel deleted"}"#)
        case "GET \(peers)/\(peerID)/config?split_tunnel=false":
            return FakeAPI.Answer(fields: ["Content-Type: text/plain"], body: "[Interface]\nAddress = 10.0.0.2/32\n")
        case "GET \(peers)/\(peerID)/config?split_tunnel=true":
            return FakeAPI.Answer(fields: ["Content-Type: text/plain"], body: "[Interface]\n# split\n")
        case "GET \(peers)/\(peerID)/config": return .json(#"{"full_tunnel":"a","split_tunnel":"b"}"#)
        case "POST /api/v1/tokens":
            return .json(#"{"data":{"id":"\#(peerID)","name":"ci","scopes":["admin"],"token":"aifw_x"}}"#, status: 201)
        case "GET /api/v1/tokens?limit=1000":
            return .json(#"{"data":[{"id":"\#(peerID)","name":"ci","scopes":["admin"],"expires_at":null}]}"#)
        case "DELETE /api/v1/tokens/\(peerID)": return .json(#"{"message":"Token revoked"}"#)
        case let line where line.contains(" /api/v1/vpn/ipsec") || line.contains(" /api/v1/vpn/rules"):
            return associations(call)
        default:
            let parts = call.target.split(separator: "?")[0].split(separator: "/")
            if call.method == "GET", parts.last == "peers" { return .json(#"{"data":[]}"#) }
            return .problem(404, notFound)
        }
    }
}
