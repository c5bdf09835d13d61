import Wire

/// A far end's configuration as a script for sh and ip-xfrm(8) (iproute2) on Linux.
///
/// Everything in it is a value that was checked when it came in, and no name that a user typed is in it. It holds the keys:
/// it is written into memory that is wiped, and never becomes a `String`. On the far end no key is in any argument list: ip
/// reads them from its standard input.
struct FarEndScript: Sendable {
    let farEnd: FarEnd

    /// By it the script finds again what an earlier run has installed: from the id, so that it stays when keys and networks
    /// change, and none of those that IKE daemons, which count from 1, or AiFw's helper (``AssociationNumber``) give.
    private var reqid: UInt32 { 0x4000_0000 | UInt32(truncatingIfNeeded: farEnd.association.id.bits) & 0x3FFF_FFFF }

    /// A narrower network goes before a wider one, and both behind those of an IKE daemon.
    private func priority(_ source: Prefix, _ destination: Prefix) -> Int {
        0x00AE_0000 + 512 - source.length - destination.length
    }

    /// The script's bytes.
    var text: Bytes {
        let text = Bytes(capacity: 4096)
        text.append(head.utf8)
        for state in farEnd.states { append(state, to: text) }
        for (local, remote) in farEnd.selectors {
            append(policy: "out", from: local, to: remote, .out, to: text)
            append(policy: "in", from: remote, to: local, .in, to: text)
            // What came in protected and goes on to the network behind; between two hosts nothing does.
            if farEnd.mode == .tunnel { append(policy: "fwd", from: remote, to: local, .in, to: text) }
        }
        text.append("END\n")
        return text
    }

    private var head: String {
        let numbers = farEnd.association.protection.protocols.map { "\($0.number)" }.joined(separator: " and ")
        return """
            #!/bin/sh
            # Far end of the IPsec association \(farEnd.association.id) of AiFw VPN.
            # This host is \(farEnd.local), the other one \(farEnd.remote).
            #
            # IT HOLDS KEYS: let nobody but root read it. It needs iproute2 (ip-xfrm(8)) and runs as root, at each start of
            # this host; run again, it replaces what it installed before, and with the word "remove" it only takes that
            # away. The firewall of this host must let IP protocol \(numbers) pass between the two.
            set -eu

            # What it installed before is known by its request id; nothing else is touched.
            forget() {
                ip -o xfrm policy list | while read -r _ source _ destination _ _ direction rest; do
                    case $rest in
                        *" reqid \(reqid) "*) ip xfrm policy delete dir "$direction" src "$source" dst "$destination" ;;
                    esac
                done
                ip xfrm state deleteall reqid \(reqid)
            }

            forget
            [ "${1-}" != remove ] || exit 0
            ip -batch - <<'END' || { forget; echo "$0: refused; nothing is installed" >&2; exit 1; }

            """
    }

    private func append(_ state: FarEnd.State, to text: Bytes) {
        let spi = "0x" + String(state.spi.rawValue, radix: 16)
        let securityProtocol = state.transform.securityProtocol.rawValue
        text.append(
            """
            xfrm state add src \(state.source) dst \(state.destination) proto \(securityProtocol) spi \(spi) \
            reqid \(reqid) mode \(state.mode.rawValue) replay-window \(farEnd.association.replayWindow)
            """.utf8)
        // The networks inside may be of another family than the two ends.
        if state.mode == .tunnel { text.append(" flag af-unspec") }
        switch state.transform {
        case .aead(let cipher, let key):
            text.append(" aead \(cipher.kernelName) 0x".utf8)
            text.append(hexadecimal: key)
            text.append(" 128")
        case .cipher(let cipher, let key, let hash, let hashKey):
            text.append(" enc \(cipher.kernelName) 0x".utf8)
            text.append(hexadecimal: key)
            append(hash, hashKey, to: text)
        case .authentication(let hash, let key):
            append(hash, key, to: text)
        }
        text.append("\n")
    }

    private func append(_ hash: AuthenticationAlgorithm, _ key: Secret, to text: Bytes) {
        text.append(" auth-trunc \(hash.kernelName) 0x".utf8)
        text.append(hexadecimal: key)
        text.append(" \(hash.sentBits)".utf8)
    }

    private func append(
        policy name: String, from source: Prefix, to destination: Prefix, _ direction: TrafficDirection, to text: Bytes
    ) {
        let templates = farEnd.states(direction).map { state in
            """
            tmpl src \(state.source) dst \(state.destination) proto \(state.transform.securityProtocol.rawValue) \
            reqid \(reqid) mode \(state.mode.rawValue)
            """
        }
        text.append(
            """
            xfrm policy add src \(source) dst \(destination) dir \(name) priority \(priority(source, destination)) \
            \(templates.joined(separator: " "))

            """.utf8)
    }
}

extension EncryptionAlgorithm {
    /// As the kernel's crypto API calls it.
    fileprivate var kernelName: String {
        switch self {
        case .aes256GCM, .aes128GCM: "rfc4106(gcm(aes))"
        case .chacha20Poly1305: "rfc7539esp(chacha20,poly1305)"
        case .aes256CBC: "cbc(aes)"
        }
    }
}

extension AuthenticationAlgorithm {
    fileprivate var kernelName: String {
        switch self {
        case .hmacSHA256: "hmac(sha256)"
        case .hmacSHA384: "hmac(sha384)"
        case .hmacSHA512: "hmac(sha512)"
        }
    }
}
