internal import Glibc
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
        if Self.is(key, "public_key") {
            let events = completed()
            guard let publicKey = PublicKey(hexadecimal: value) else { throw Self.malformed }
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
        guard !Self.is(key, "public_key") else { return false }
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
        if Self.is(key, "private_key") {
            guard let key = SecretKey(hexadecimal: value) else { throw Self.malformed }
            device?.publicKey = try Vault.publicKey(of: key)
        } else if Self.is(key, "listen_port") {
            let number = try Self.number(value)
            guard number <= UInt64(Port.range.upperBound) else { throw Self.malformed }
            device?.listenPort = try? Port(number)  // 0 is none
        } else if Self.is(key, "fwmark") {
            guard let mark = try? FirewallMark(try Self.number(value)) else { throw Self.malformed }
            device?.mark = mark
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

    /// The number of a line `errno=N`, which ends an answer: wireguard-go writes it negative; nil if it is another line.
    static func errorNumber(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Int32? {
        guard line.starts(with: "errno=".utf8) else { return nil }
        guard line.count <= 16, let number = Int32(String(decoding: line.dropFirst(6), as: UTF8.self)), number != .min
        else { throw malformed }
        return abs(number)
    }

    static let malformed = Refusal(.kernel, "wireguard-go gave an answer that can't be read")
}
