import Wire

extension TunnelRecord {
    /// The tunnel as answers show it, with all that it has carried. No secret is in it.
    func json(_ status: TunnelStatus, _ traffic: Traffic) -> JSON {
        [
            "id": id.json,
            "name": name.json,
            "interface": interface.json,
            "public_key": publicKey.json,
            "listen_port": listenPort.json,
            "address": address.json,
            "dns": dns?.json ?? nil,
            "mtu": mtu.json,
            "listen_interface": listenInterface?.json ?? nil,
            "split_routes": splitRoutes?.json ?? nil,
            "endpoint": endpoint?.json ?? nil,
            "fwmark": mark.rawValue == 0 ? nil : mark.json,
            "masquerade": masquerade.json,
            "routes": routes.json,
            "enabled": isEnabled.json,
            "status": .text(status.word),
            "status_detail": status.detail.map(JSON.text) ?? nil,
            "peer_count": .integer(Int64(peerCount)),
            "transfer_rx": .integer(Int64(clamping: traffic.received)),
            "transfer_tx": .integer(Int64(clamping: traffic.sent)),
            "created_at": stamp.createdAt.json,
            "updated_at": stamp.updatedAt.json,
        ]
    }

    var etag: ETag { ETag(revision: stamp.revision) }

    static func location(_ id: ObjectID) -> String { "/api/v1/vpn/wg/\(id)" }
}

extension PeerRecord {
    /// The peer as answers show it. No secret is in it.
    var json: JSON {
        [
            "id": id.json,
            "tunnel_id": tunnel.json,
            "name": name.json,
            "public_key": publicKey.json,
            "has_preshared_key": (presharedKey != nil).json,
            "has_private_key": (privateKey != nil).json,
            "endpoint": endpoint?.json ?? nil,
            "allowed_ips": allowedIPs.json,
            "client_routes": clientRoutes?.json ?? nil,
            "persistent_keepalive": keepalive.rawValue == 0 ? nil : keepalive.json,
            "enabled": isEnabled.json,
            "expires_at": expiresAt?.json ?? nil,
            "created_at": stamp.createdAt.json,
            "updated_at": stamp.updatedAt.json,
        ]
    }

    /// The same with the configuration that is shown this once.
    func json(with configuration: Bytes) -> JSON {
        guard case .object(let members) = json else { return json }
        return .object(members + [.init(name: "config", value: .string(JSONString(configuration)))])
    }

    var etag: ETag { ETag(revision: stamp.revision) }

    static func location(_ id: ObjectID, of tunnel: ObjectID) -> String {
        TunnelRecord.location(tunnel) + "/peers/\(id)"
    }
}
