import Wire

extension TunnelRecord: Audited {
    var settings: [JSON.Member] {
        [
            .init(name: "name", value: name.json),
            .init(name: "interface", value: interface.json),
            .init(name: "public_key", value: publicKey.json),
            .init(name: "listen_port", value: listenPort.json),
            .init(name: "address", value: address.json),
            .init(name: "dns", value: dns?.json ?? .null),
            .init(name: "mtu", value: mtu.json),
            .init(name: "listen_interface", value: listenInterface?.json ?? .null),
            .init(name: "split_routes", value: splitRoutes?.json ?? .null),
            .init(name: "endpoint", value: endpoint?.json ?? .null),
            .init(name: "fwmark", value: mark.json),
            .init(name: "masquerade", value: masquerade.json),
            .init(name: "routes", value: routes.json),
            .init(name: "allow_overlap", value: allowOverlap.json),
            .init(name: "enabled", value: isEnabled.json),
        ]
    }

    var concealed: [(name: String, value: [UInt8]?)] { [("private_key", privateKey.bytes)] }
}

extension PeerRecord: Audited {
    var settings: [JSON.Member] {
        [
            .init(name: "name", value: name.json),
            .init(name: "public_key", value: publicKey.json),
            .init(name: "endpoint", value: endpoint?.json ?? .null),
            .init(name: "allowed_ips", value: allowedIPs.json),
            .init(name: "client_routes", value: clientRoutes?.json ?? .null),
            .init(name: "persistent_keepalive", value: keepalive.json),
            .init(name: "enabled", value: isEnabled.json),
            .init(name: "expires_at", value: expiresAt?.json ?? .null),
            .init(name: "allow_overlap", value: allowOverlap.json),
        ]
    }

    var concealed: [(name: String, value: [UInt8]?)] {
        [("private_key", privateKey?.bytes), ("preshared_key", presharedKey?.secret.bytes)]
    }
}

extension AssociationRecord: Audited {
    var settings: [JSON.Member] {
        [
            .init(name: "name", value: name.json),
            .init(name: "src_addr", value: local.json),
            .init(name: "dst_addr", value: remote.json),
            .init(name: "protocol", value: .text(protection.rawValue)),
            .init(name: "mode", value: mode.json),
            .init(name: "enc_algo", value: encryption.json),
            .init(name: "auth_algo", value: authentication.json),
            .init(name: "src_networks", value: localNetworks?.json ?? .null),
            .init(name: "dst_networks", value: remoteNetworks?.json ?? .null),
            .init(name: "spi_in", value: spiIn.json),
            .init(name: "spi_out", value: spiOut.json),
            .init(name: "replay_window", value: replayWindow.json),
            .init(name: "enabled", value: isEnabled.json),
        ]
    }

    var concealed: [(name: String, value: [UInt8]?)] {
        [
            ("enc_key_in", keys.encryptionIn?.secret.bytes), ("enc_key_out", keys.encryptionOut?.secret.bytes),
            ("auth_key_in", keys.authenticationIn?.secret.bytes),
            ("auth_key_out", keys.authenticationOut?.secret.bytes),
        ]
    }
}

extension UserRecord: Audited {
    var settings: [JSON.Member] {
        [
            .init(name: "username", value: name.json),
            .init(name: "scopes", value: .array(scopes.names.map(JSON.text))),
            .init(name: "has_totp", value: hasOneTimePassword.json),
        ]
    }

    var concealed: [(name: String, value: [UInt8]?)] {
        [("password", Array(passwordHash.text.utf8)), ("totp", oneTimePassword?.sealedSeed)]
    }
}

extension WebhookRecord: Audited {
    var settings: [JSON.Member] {
        [
            .init(name: "name", value: name.json),
            .init(name: "url", value: url.json),
            .init(name: "objects", value: objects?.json ?? .null),
            .init(name: "enabled", value: isEnabled.json),
        ]
    }

    var concealed: [(name: String, value: [UInt8]?)] { [("secret", sealedSecret)] }
}
