package import Wire

/// A `set=1` of WireGuard's UAPI (the text protocol of wireguard-go's socket) while it is put together.
///
/// It holds keys in hexadecimal, so it lives in memory that is wiped.
package struct UserspaceConfiguration {
    package let bytes = Bytes(capacity: 512)

    /// The lines for a change of the device. The port comes first, because it is what may fail: then the rest is as it was.
    package init(_ change: DeviceChange) {
        bytes.append("set=1\n")
        if let port = change.listenPort { line("listen_port=", number: port.rawValue) }
        if let mark = change.mark { line("fwmark=", number: mark.rawValue) }
        if let key = change.privateKey { key.withUnsafeBytes { line("private_key=", hex: $0) } }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The lines for a change of peers: first all that go, then all that are set.
    package init(_ change: PeersChange) {
        bytes.append("set=1\n")
        for key in change.remove {
            key.bytes.withUnsafeBytes { line("public_key=", hex: $0) }
            bytes.append("remove=true\n")
        }
        for peer in change.set { append(peer) }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func append(_ peer: PeersChange.Peer) {
        peer.publicKey.bytes.withUnsafeBytes { line("public_key=", hex: $0) }
        switch peer.presharedKey {
        case nil: break
        case .some(nil): [UInt8](repeating: 0, count: 32).withUnsafeBytes { line("preshared_key=", hex: $0) }
        case let key??: key.withUnsafeBytes { line("preshared_key=", hex: $0) }
        }
        if let endpoint = peer.endpoint { line("endpoint=", text: endpoint.description) }
        if let keepalive = peer.keepalive { line("persistent_keepalive_interval=", number: keepalive.rawValue) }
        guard let prefixes = peer.allowedIPs else { return }
        bytes.append("replace_allowed_ips=true\n")
        for prefix in prefixes { line("allowed_ip=", text: prefix.description) }
    }

    private func line(_ key: StaticString, number: some FixedWidthInteger) { line(key, text: String(number)) }

    private func line(_ key: StaticString, text: String) {
        bytes.append(key)
        bytes.append(text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private func line(_ key: StaticString, hex: UnsafeRawBufferPointer) {
        bytes.append(key)
        for byte in hex {
            bytes.append(Hexadecimal.digit(byte >> 4))
            bytes.append(Hexadecimal.digit(byte & 15))
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
