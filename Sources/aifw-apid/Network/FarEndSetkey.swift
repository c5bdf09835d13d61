import Wire

/// A far end's configuration for setkey(8), as FreeBSD and NetBSD have it.
///
/// It holds the keys: it is written into memory that is wiped, and never becomes a `String`.
struct FarEndSetkey: Sendable {
    let farEnd: FarEnd

    /// What binds policies to security associations, so that another association between the same two ends can't take their
    /// packets: from 1 to 16383, beyond which the kernel gives numbers itself (`IPSEC_MANUAL_REQID_MAX`, netipsec/ipsec.h).
    private var identifier: UInt32 { (farEnd.association.number.rawValue - 1) % 16383 + 1 }

    /// The file's bytes.
    var text: Bytes {
        let text = Bytes(capacity: 4096)
        text.append(head.utf8)
        for (local, remote) in farEnd.selectors {
            text.append("spddelete \(local) \(remote) any -P out;\nspddelete \(remote) \(local) any -P in;\n".utf8)
        }
        for state in farEnd.states { text.append("delete \(Self.key(of: state));\n".utf8) }
        text.append("\n")
        for state in farEnd.states { append(state, to: text) }
        for (local, remote) in farEnd.selectors {
            text.append("spdadd \(local) \(remote) any -P out ipsec \(requests(.out));\n".utf8)
            text.append("spdadd \(remote) \(local) any -P in ipsec \(requests(.in));\n".utf8)
        }
        return text
    }

    private var head: String {
        let association = farEnd.association
        var remarks = ""
        if association.protection.needsEncryption, association.encryption.isAuthenticated {
            remarks = """

                # No nonce may come twice under one key of \(association.encryption.rawValue) (RFC 4106). FreeBSD counts them from 0 at
                # each load: have new keys made before it is loaded again (aifw vpn ipsec-edit --new-keys), or use aes-256-cbc.
                """
        }
        if association.protection.needsEncryption, association.encryption == .chacha20Poly1305 {
            remarks += "\n# An older setkey does not know chacha20-poly1305."
        }
        return """
            # Far end of the IPsec association \(farEnd.association.id) of AiFw VPN.
            # This host is \(farEnd.local), the other one \(farEnd.remote).
            #
            # IT HOLDS KEYS: let nobody but root read it. Load it by "setkey -f FILE" as root, at each start of this host;
            # where there is nothing to delete yet, setkey says "No entry" and goes on.\
            \(remarks)


            """
    }

    private static func key(of state: FarEnd.State) -> String {
        let spi = "0x" + String(state.spi.rawValue, radix: 16)
        return "\(state.source) \(state.destination) \(state.transform.securityProtocol.rawValue) \(spi)"
    }

    private func append(_ state: FarEnd.State, to text: Bytes) {
        text.append("add \(Self.key(of: state)) -m \(state.mode.rawValue) -u \(identifier)".utf8)
        // Its size is told in bytes of eight packets each.
        let window = farEnd.association.replayWindow.rawValue
        if window > 0 { text.append(" -r \((window + 7) / 8)".utf8) }
        switch state.transform {
        case .aead(let cipher, let key):
            append("-E", cipher.setkeyName, key, to: text)
        case .cipher(let cipher, let key, let hash, let hashKey):
            append("-E", cipher.setkeyName, key, to: text)
            append("-A", hash.setkeyName, hashKey, to: text)
        case .authentication(let hash, let key):
            append("-A", hash.setkeyName, key, to: text)
        }
        text.append(";\n")
    }

    private func append(_ option: String, _ name: String, _ key: Secret, to text: Bytes) {
        text.append(" \(option) \(name) 0x".utf8)
        text.append(hexadecimal: key)
    }

    /// In transport mode the ends are those of the packet, and are not said.
    private func requests(_ direction: TrafficDirection) -> String {
        farEnd.states(direction).map { state in
            let ends = state.mode == .tunnel ? "\(state.source)-\(state.destination)" : ""
            return "\(state.transform.securityProtocol.rawValue)/\(state.mode.rawValue)/\(ends)/unique:\(identifier)"
        }.joined(separator: " ")
    }
}

extension EncryptionAlgorithm {
    fileprivate var setkeyName: String {
        switch self {
        case .aes256GCM, .aes128GCM: "aes-gcm-16"
        case .chacha20Poly1305: "chacha20-poly1305"
        case .aes256CBC: "rijndael-cbc"
        }
    }
}

extension AuthenticationAlgorithm {
    fileprivate var setkeyName: String {
        switch self {
        case .hmacSHA256: "hmac-sha2-256"
        case .hmacSHA384: "hmac-sha2-384"
        case .hmacSHA512: "hmac-sha2-512"
        }
    }
}
