import Wire

extension AssociationRecord {
    /// The association as answers show it. No key is in it.
    func json(_ status: AssociationStatus) -> JSON {
        [
            "id": id.json,
            "name": name.json,
            "src_addr": local.json,
            "dst_addr": remote.json,
            "protocol": .text(protection.rawValue),
            "mode": mode.json,
            "enc_algo": encryption.json,
            "auth_algo": authentication.json,
            "src_networks": networks(localNetworks, local),
            "dst_networks": networks(remoteNetworks, remote),
            "spi": spiIn.json,
            "spi_in": spiIn.json,
            "spi_out": spiOut.json,
            "replay_window": replayWindow.json,
            "enabled": isEnabled.json,
            "status": .text(status.word),
            "status_detail": status.detail.map(JSON.text) ?? nil,
            "installed": status.isInstalled?.json ?? nil,
            "created_at": stamp.createdAt.json,
            "updated_at": stamp.updatedAt.json,
        ]
    }

    /// Where nothing is said, the end's own address; in transport mode there are none.
    private func networks(_ list: NetworkList?, _ end: IPAddress) -> JSON {
        mode == .transport ? nil : .array((list?.elements ?? [Prefix(host: end)]).map(\.json))
    }

    var etag: ETag { ETag(revision: stamp.revision) }

    static func location(_ id: ObjectID) -> String { "/api/v1/vpn/ipsec/\(id)" }
}
