internal import Glibc
package import Wire

/// Reads the answer to a UAPI `get=1` line by line: the device's settings, then peer after peer, then `errno=`.
///
/// wireguard-go is a program that faces the network, so its lines are read as strictly as a stranger's: a number that is
/// none, a key of the wrong length or a line without "=" ends the reading. Keys it does not know are passed over, as the
/// protocol wants it.
package struct UserspaceReading {
    private let publicKey: (SecretKey) throws(Refusal) -> PublicKey
    /// The settings so far; nil once they have been given out.
    private var state: DeviceState? = DeviceState()
    private var peer: PeerDraft?

    /// - Parameter publicKey: the public key of a private one, which is all that is kept of that.
    package init(publicKey: @escaping (SecretKey) throws(Refusal) -> PublicKey) { self.publicKey = publicKey }

    /// The settings so far, for a reader who takes them only.
    package var settings: DeviceState { state ?? DeviceState() }

    /// Takes one line without its line break; gives out what it completed: the settings before any peer, then each peer.
    ///
    /// - Parameter fingerprint: what a pre-shared key is replaced by.
    package mutating func take(
        _ line: UnsafeRawBufferPointer, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        device: (DeviceState) throws(Refusal) -> Void, peer complete: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        let (key, value) = try Self.split(line)
        if Self.is(key, "public_key") {
            guard let publicKey = PublicKey(hexadecimal: value) else { throw Self.malformed }
            try finish(device: device, peer: complete)
            peer = PeerDraft(publicKey)
        } else if peer != nil {
            try takePeer(key, value, fingerprint)
        } else {
            try takeDevice(key, value)
        }
    }

    /// Takes one line for a reader who wants the settings only; gives back whether there may be more of them.
    package mutating func takeSetting(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Bool {
        let (key, value) = try Self.split(line)
        guard !Self.is(key, "public_key") else { return false }
        try takeDevice(key, value)
        return true
    }

    /// Gives out what is complete now that no line follows.
    package mutating func finish(
        device: (DeviceState) throws(Refusal) -> Void, peer complete: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        if let state { try device(state) }
        if let peer { try complete(peer.state) }
        state = nil
        peer = nil
    }

    private mutating func takeDevice(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(Refusal) {
        if Self.is(key, "private_key") {
            guard let key = SecretKey(hexadecimal: value) else { throw Self.malformed }
            state?.publicKey = try publicKey(key)
        } else if Self.is(key, "listen_port") {
            let number = try Self.number(value)
            guard number <= UInt64(Port.range.upperBound) else { throw Self.malformed }
            state?.listenPort = try? Port(number)  // 0 is none
        } else if Self.is(key, "fwmark") {
            guard let mark = try? FirewallMark(try Self.number(value)) else { throw Self.malformed }
            state?.mark = mark
        }
    }

    private mutating func takePeer(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        _ fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) {
        if Self.is(key, "preshared_key") {
            guard let key = SecretKey(hexadecimal: value) else { throw Self.malformed }
            peer?.presharedKey = key.withUnsafeBytes { secret in
                secret.contains { $0 != 0 } ? fingerprint(secret) : nil
            }
        } else if Self.is(key, "endpoint") {
            peer?.endpoint = NumericAddress.endpoint(value)
        } else if Self.is(key, "last_handshake_time_sec") {
            peer?.latestHandshake = try Self.number(value)
        } else if Self.is(key, "rx_bytes") {
            peer?.received = try Self.number(value)
        } else if Self.is(key, "tx_bytes") {
            peer?.sent = try Self.number(value)
        } else if Self.is(key, "persistent_keepalive_interval") {
            guard let keepalive = try? Keepalive(try Self.number(value)) else { throw Self.malformed }
            peer?.keepalive = keepalive
        } else if Self.is(key, "allowed_ip") {
            guard let prefix = NumericAddress.prefix(value) else { throw Self.malformed }
            peer?.add(prefix)
        }
    }

    private static func split(
        _ line: UnsafeRawBufferPointer
    ) throws(Refusal) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw malformed }
        return (
            UnsafeRawBufferPointer(rebasing: line[..<equals]), UnsafeRawBufferPointer(rebasing: line[(equals + 1)...])
        )
    }

    private static func number(_ text: UnsafeRawBufferPointer) throws(Refusal) -> UInt64 {
        guard let number = NumericAddress.number(text) else { throw malformed }
        return number
    }

    /// Whether the key of a line is that word.
    private static func `is`(_ key: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard key.count == word.utf8CodeUnitCount, let start = key.baseAddress else { return false }
        return memcmp(start, word.utf8Start, key.count) == 0
    }

    private static var malformed: Refusal { UserspaceAnswer.malformed }
}
