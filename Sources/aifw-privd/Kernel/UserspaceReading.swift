internal import Wire

/// Reads the answer to a UAPI `get=1` line by line: the device's settings, then peer after peer, then `errno=`.
///
/// wireguard-go is a program that faces the network, so its lines are read as strictly as a stranger's: a number that is
/// none, a key of the wrong length or a line without "=" ends the reading. Keys it does not know are passed over, as the
/// protocol wants it.
struct UserspaceReading {
    /// What a line completed, if anything.
    enum Event {
        /// The settings, which come before any peer.
        case device(DeviceState)
        case peer(PeerState)
    }

    /// The settings so far; nil once they have been given out.
    private(set) var device: DeviceState? = DeviceState()
    private var peer: PeerDraft?

    /// Takes one line without its line break; tells what it completed.
    ///
    /// - Parameter fingerprint: what a pre-shared key is replaced by.
    mutating func take(
        _ line: UnsafeRawBufferPointer, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) -> [Event] {
        let (key, value) = try Self.split(line)
        if key.elementsEqual("public_key".utf8) {
            let events = completed()
            guard let bytes = Hexadecimal.decode(value, count: 32),
                let publicKey = PublicKey(bytes: bytes.withUnsafeBytes { Array($0) })
            else { throw Self.malformed }
            peer = PeerDraft(publicKey)
            return events
        }
        if peer != nil {
            try takePeer(key, value, fingerprint)
        } else {
            try takeDevice(key, value)
        }
        return []
    }

    /// Takes one line for a reader who wants the settings only; gives back whether there may be more of them.
    mutating func takeSetting(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Bool {
        let (key, value) = try Self.split(line)
        guard !key.elementsEqual("public_key".utf8) else { return false }
        try takeDevice(key, value)
        return true
    }

    /// What is complete now that no line follows.
    mutating func finish() -> [Event] { completed() }

    private mutating func completed() -> [Event] {
        var events: [Event] = []
        if let device { events.append(.device(device)) }
        if let peer { events.append(.peer(peer.state)) }
        device = nil
        peer = nil
        return events
    }

    private mutating func takeDevice(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(Refusal) {
        if key.elementsEqual("private_key".utf8) {
            guard let bytes = Hexadecimal.decode(value, count: 32), let key = SecretKey(bytes) else {
                throw Self.malformed
            }
            device?.publicKey = PublicKey(of: key)
        } else if key.elementsEqual("listen_port".utf8) {
            let number = try Self.number(value)
            guard number <= UInt64(Port.range.upperBound) else { throw Self.malformed }
            device?.listenPort = try? Port(number)  // 0 is none
        } else if key.elementsEqual("fwmark".utf8) {
            guard let mark = try? FirewallMark(try Self.number(value)) else { throw Self.malformed }
            device?.mark = mark
        }
    }

    private mutating func takePeer(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        _ fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) {
        if key.elementsEqual("preshared_key".utf8) {
            guard let bytes = Hexadecimal.decode(value, count: 32) else { throw Self.malformed }
            peer?.presharedKey = bytes.withUnsafeBytes { secret in
                secret.contains { $0 != 0 } ? fingerprint(secret) : nil
            }
        } else if key.elementsEqual("endpoint".utf8) {
            peer?.endpoint = Self.endpoint(value)
        } else if key.elementsEqual("last_handshake_time_sec".utf8) {
            peer?.latestHandshake = try Self.number(value)
        } else if key.elementsEqual("rx_bytes".utf8) {
            peer?.received = try Self.number(value)
        } else if key.elementsEqual("tx_bytes".utf8) {
            peer?.sent = try Self.number(value)
        } else if key.elementsEqual("persistent_keepalive_interval".utf8) {
            guard let keepalive = try? Keepalive(try Self.number(value)) else { throw Self.malformed }
            peer?.keepalive = keepalive
        } else if key.elementsEqual("allowed_ip".utf8) {
            guard value.count <= 64, let prefix = try? Prefix(String(decoding: value, as: UTF8.self)) else {
                throw Self.malformed
            }
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

    /// A decimal number of at most 20 digits.
    private static func number(_ text: UnsafeRawBufferPointer) throws(Refusal) -> UInt64 {
        guard (1...20).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt64(String(decoding: text, as: UTF8.self))
        else { throw malformed }
        return number
    }

    /// An endpoint; the zone of a link-local address (`[fe80::1%eth0]:1`) is left out.
    private static func endpoint(_ text: UnsafeRawBufferPointer) -> Endpoint? {
        guard text.count <= 80 else { return nil }
        var words = String(decoding: text, as: UTF8.self)
        if let zone = words.firstIndex(of: "%"), let end = words.lastIndex(of: "]"), zone < end {
            words.removeSubrange(zone..<end)
        }
        return try? Endpoint(words)
    }

    /// The number of a line `errno=N`, which ends an answer: wireguard-go writes it negative; nil if it is another line.
    static func errorNumber(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Int32? {
        guard line.starts(with: "errno=".utf8) else { return nil }
        guard line.count <= 16, let number = Int32(String(decoding: line.dropFirst(6), as: UTF8.self)), number != .min
        else { throw malformed }
        return abs(number)
    }

    static let malformed = Refusal(.kernel, "wireguard-go gave an answer that can't be read")
}
