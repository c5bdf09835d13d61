internal import Wire

extension Details {
    /// A tunnel as the API shows it.
    init(tunnel: JSON) {
        for (label, field) in [
            ("id", "id"), ("name", "name"), ("interface", "interface"), ("address", "address"), ("port", "listen_port"),
            ("public key", "public_key"), ("DNS", "dns"), ("MTU", "mtu"), ("endpoint", "endpoint"),
            ("split routes", "split_routes"), ("reached through", "listen_interface"), ("firewall mark", "fwmark"),
        ] {
            add(label, tunnel[field]?.shown)
        }
        if tunnel["masquerade"] == .bool(true) { add("masquerade", "yes") }
        let state = tunnel["status"]?.text ?? ""
        let words = [state, tunnel["status_detail"]?.text].compactMap(\.self).joined(separator: ": ")
        add("state", words, Tone(state: state))
    }

    /// A peer as the API shows it.
    init(peer: JSON) {
        for (label, field) in [
            ("id", "id"), ("name", "name"), ("enabled", "enabled"), ("allowed IPs", "allowed_ips"),
            ("public key", "public_key"), ("pre-shared key", "has_preshared_key"), ("endpoint", "endpoint"),
            ("client routes", "client_routes"), ("keepalive", "persistent_keepalive"), ("expires", "expires_at"),
        ] {
            add(label, peer[field]?.shown)
        }
    }

    /// An association as the API shows it, without the algorithms that have no effect in it.
    init(association: JSON) {
        let encryption = association["enc_algo"]?.text
        let authenticates = encryption.flatMap(EncryptionAlgorithm.init(rawValue:))?.isAuthenticated ?? false
        let idle: Set =
            switch association["protocol"]?.text {
            case "ah": ["enc_algo"]
            case "esp" where authenticates: ["auth_algo"]
            default: [] as Set<String>
            }
        for (label, field) in [
            ("id", "id"), ("name", "name"), ("protocol", "protocol"), ("mode", "mode"), ("from", "src_addr"),
            ("to", "dst_addr"), ("from networks", "src_networks"), ("to networks", "dst_networks"),
            ("encryption", "enc_algo"), ("authentication", "auth_algo"),
        ] where !idle.contains(field) {
            add(label, association[field]?.shown)
        }
        add("SPI in", association["spi_in"]?.spi)
        add("SPI out", association["spi_out"]?.spi)
        add("replay window", association["replay_window"]?.shown)
        let state = association["status"]?.text ?? ""
        let words = [state, association["status_detail"]?.text].compactMap(\.self).joined(separator: ": ")
        add("state", words, Tone(state: state))
    }
}

extension JSON {
    /// A security parameters index as `ip xfrm` shows it, `0x0000c0de`; nil for what is none.
    var spi: String? {
        guard let value = integer, let spi = UInt32(exactly: value) else { return nil }
        let digits = String(spi, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
