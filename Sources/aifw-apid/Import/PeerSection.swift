import Wire

/// A `[Peer]` of a wg-quick(8) file, as far as it is read.
struct PeerSection {
    typealias Placed = WireGuardQuickFile.Placed

    /// Where it begins.
    let line: Int
    private var publicKey: Placed<PublicKey>?
    private var presharedKey: SecretKey?
    private var endpoint: PeerEndpoint?
    private var allowedIPs: [Prefix] = []
    private var allowedIPsLine: Int?
    private var keepalive: Keepalive?
    /// The keys that were there, right or wrong: of these, nobody is told that they are missing.
    private var given: Set<WireGuardQuickKey> = []

    init(line: Int) { self.line = line }

    mutating func take(_ key: WireGuardQuickKey, _ value: UnsafeRawBufferPointer, _ number: Int) throws(ValueError) {
        given.insert(key)
        switch key {
        case .publicKey: publicKey = Placed(value: try PublicKey(try PlainText.read(value)), line: number)
        case .presharedKey: presharedKey = try SecretKey(text: value)
        case .endpoint: endpoint = try PeerEndpoint(try PlainText.read(value))
        case .allowedIPs:
            allowedIPs += try AllowedIPs(try PlainText.read(value)).elements
            allowedIPsLine = allowedIPsLine ?? number
        case .keepalive:
            let isOff = value.elementsEqual("off".utf8)
            keepalive = isOff ? Keepalive(validated: 0) : try Keepalive(try WholeNumber.read(value))
        case .privateKey, .listenPort, .mark, .address, .dns, .mtu, .table, .preUp, .postUp, .preDown, .postDown,
            .saveConfig:
            break
        }
    }

    /// The peer, or nil if a value is missing or the list is none, which is added to the faults.
    func finish(_ name: ObjectName, _ faults: inout Notices) -> WireGuardQuickFile.Peer? {
        for key in [WireGuardQuickKey.publicKey, .allowedIPs] where !given.contains(key) {
            faults.add(line, "[Peer] needs \(key == .publicKey ? "a PublicKey" : "AllowedIPs")")
        }
        guard let allowedIPsLine, !allowedIPs.isEmpty else { return nil }
        do throws(ValueError) {
            let prefixes = try AllowedIPs(allowedIPs)
            guard let publicKey else { return nil }
            return WireGuardQuickFile.Peer(
                line: line, name: name, publicKey: publicKey, presharedKey: presharedKey, endpoint: endpoint,
                allowedIPs: Placed(value: prefixes, line: allowedIPsLine), keepalive: keepalive)
        } catch {
            faults.add(allowedIPsLine, "AllowedIPs \(error)")
            return nil
        }
    }
}
