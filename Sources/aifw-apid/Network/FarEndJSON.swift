import Wire

/// A far end's configuration as the body of a POST to `/api/v1/vpn/ipsec` of the AiFw there.
///
/// It holds the keys: their digits are in memory that is wiped, and so are the bytes that it is written to.
struct FarEndJSON: Sendable {
    let farEnd: FarEnd

    var text: Bytes { json.serialized }

    private var json: JSON {
        let association = farEnd.association
        let protection = association.protection
        var members: [JSON.Member] = []
        func add(_ name: String, _ value: JSON?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        add("name", association.name.json)
        add("src_addr", farEnd.local.json)
        add("dst_addr", farEnd.remote.json)
        add("protocol", .text(protection.rawValue))
        add("mode", association.mode.json)
        if protection.needsEncryption { add("enc_algo", association.encryption.json) }
        if protection.needsAuthentication(with: association.encryption) {
            add("auth_algo", association.authentication.json)
        }
        add("src_networks", association.remoteNetworks.map { .array($0.elements.map(\.json)) })
        add("dst_networks", association.localNetworks.map { .array($0.elements.map(\.json)) })
        for direction in [TrafficDirection.in, .out] {
            for state in farEnd.states(direction).prefix(1) { add("spi_\(direction.rawValue)", state.spi.json) }
        }
        for direction in [TrafficDirection.in, .out] {
            var encryption: Secret?
            var authentication: Secret?
            for state in farEnd.states(direction) {
                switch state.transform {
                case .aead(_, let key): encryption = key
                case .cipher(_, let key, _, let hashKey): (encryption, authentication) = (key, hashKey)
                case .authentication(_, let key): authentication = key
                }
            }
            add("enc_key_\(direction.rawValue)", encryption.map(Self.hexadecimal))
            add("auth_key_\(direction.rawValue)", authentication.map(Self.hexadecimal))
        }
        add("replay_window", association.replayWindow.json)
        return .object(members)
    }

    private static func hexadecimal(_ secret: Secret) -> JSON {
        let digits = Bytes(capacity: 2 * secret.count)
        digits.append(hexadecimal: secret)
        return .string(JSONString(digits))
    }
}
