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
}
