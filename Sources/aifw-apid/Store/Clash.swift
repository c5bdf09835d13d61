import Wire

/// Something that one object wants and another has.
struct Clash: Sendable, Equatable {
    enum Subject: Sendable, Equatable {
        case name
        /// That of a user.
        case username
        case interface
        case listenPort
        case publicKey
        /// Networks of two tunnels overlap.
        case address(own: Prefix, other: Prefix)
        /// Allowed IPs of two peers of a tunnel overlap.
        case allowedIPs(own: Prefix, other: Prefix)
        case spiIn
        case spiOut
        /// Two associations would protect the same traffic: that between two networks,
        case networks(local: Prefix, remote: Prefix)
        /// or that between their two ends.
        case ends(local: IPAddress, remote: IPAddress)
    }

    let subject: Subject
    /// Who has it.
    let other: AuditObject

    /// The member of the request that it is about.
    var field: String { subject.field }
}

extension Clash.Subject {
    /// The member of the request that it is about.
    var field: String {
        switch self {
        case .name: "name"
        case .username: "username"
        case .interface: "interface"
        case .listenPort: "listen_port"
        case .publicKey: "public_key"
        case .address: "address"
        case .allowedIPs: "allowed_ips"
        case .spiIn: "spi_in"
        case .spiOut: "spi_out"
        case .networks: "dst_networks"
        case .ends: "dst_addr"
        }
    }

    /// Words that follow the name of the field.
    func words(owner: String) -> String {
        switch self {
        case .name, .username, .interface, .listenPort, .publicKey, .spiIn, .spiOut: "is in use by \(owner)"
        case .address(let own, let own2), .allowedIPs(let own, let own2):
            own == own2 ? "\(own) is in use by \(owner)" : "\(own) overlaps \(own2) of \(owner)"
        case .networks(let local, let remote): "\(remote) is joined with \(local) by \(owner) already"
        case .ends(let local, let remote): "the traffic between \(local) and \(remote) is protected by \(owner) already"
        }
    }
}

extension Clash: CustomStringConvertible {
    /// How the other object is named.
    var owner: String { "\(other.kind.rawValue) \"\(other.name)\" (\(other.id))" }

    /// Words that follow the name of the field.
    var description: String { subject.words(owner: owner) }
}
