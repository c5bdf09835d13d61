import Wire

/// The `[Interface]` of a wg-quick(8) file, as far as it is read.
struct InterfaceSection {
    typealias Placed = WireGuardQuickFile.Placed

    /// Where it begins.
    let line: Int
    private var privateKey: Placed<SecretKey>?
    private var listenPort: Placed<Port>?
    private var addresses: [InterfaceAddress] = []
    private var addressLine: Int?
    private var dns: [DNSServers.Entry] = []
    private var dnsLine: Int?
    private var mtu: Placed<MTU>?
    private var mark: FirewallMark?
    /// The keys that were there, right or wrong: of these, nobody is told that they are missing.
    private var given: Set<WireGuardQuickKey> = []

    init(line: Int) { self.line = line }

    mutating func take(_ key: WireGuardQuickKey, _ value: UnsafeRawBufferPointer, _ number: Int) throws(ValueError) {
        given.insert(key)
        switch key {
        case .privateKey: privateKey = Placed(value: try SecretKey(text: value), line: number)
        case .listenPort:
            let port = try WholeNumber.read(value)
            if port != 0 { listenPort = Placed(value: try Port(port), line: number) }
        case .mark: mark = try Self.mark(try PlainText.read(value))
        case .address:
            addresses += try Self.addresses(try PlainText.read(value)).elements
            addressLine = addressLine ?? number
        case .dns:
            dns += try DNSServers(try PlainText.read(value)).elements
            dnsLine = dnsLine ?? number
        case .mtu: mtu = Placed(value: try MTU(try WholeNumber.read(value)), line: number)
        case .table, .preUp, .postUp, .preDown, .postDown, .saveConfig, .publicKey, .presharedKey, .endpoint,
            .allowedIPs, .keepalive:
            break
        }
    }

    /// The file, or nil if a value is missing or lists do not go together, which is added to the faults.
    func finish(_ peers: [WireGuardQuickFile.Peer], _ faults: inout Notices) -> WireGuardQuickFile? {
        for key in [WireGuardQuickKey.privateKey, .address] where !given.contains(key) {
            faults.add(line, "[Interface] needs \(key == .address ? "an Address" : "a PrivateKey")")
        }
        let address: Placed<AddressList>? = Self.whole(addresses, addressLine, "Address", &faults)
        let servers: Placed<DNSServers>? = Self.whole(dns, dnsLine, "DNS", &faults)
        if let address, let mtu, mtu.value.rawValue < address.value.minimumMTU {
            faults.add(mtu.line, "MTU must be at least \(address.value.minimumMTU), for there is an IPv6 address")
        }
        guard let privateKey, let address else { return nil }
        return WireGuardQuickFile(
            privateKey: privateKey, address: address, listenPort: listenPort, dns: servers, mtu: mtu?.value, mark: mark,
            peers: peers)
    }

    /// One list of what several lines may have given.
    private static func whole<List: CommaListValue>(
        _ elements: [List.Element], _ line: Int?, _ name: String, _ faults: inout Notices
    ) -> Placed<List>? {
        guard let line, !elements.isEmpty else { return nil }
        do throws(ValueError) {
            return Placed(value: try List(elements), line: line)
        } catch {
            // A search domain can look like a key, and the error would repeat it.
            let holdsKey = elements.contains { KeyLikeText.isIn($0.description.utf8) }
            faults.add(line, "\(name) \(holdsKey ? KeyLikeText.misplaced : error.description)")
            return nil
        }
    }

    /// A bare address is /32 or /128, as wg-quick(8) gives it to ip-address(8).
    private static func addresses(_ text: String) throws(ValueError) -> AddressList {
        let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item -> String in
            let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
            let start = item.drop(while: isBlank)
            let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
            let item = String(start[..<end])
            return item.isEmpty || item.contains("/") ? item : item + (item.contains(":") ? "/128" : "/32")
        }
        return try AddressList(items.joined(separator: ","))
    }

    private static func mark(_ text: String) throws(ValueError) -> FirewallMark {
        text.lowercased() == "off" ? FirewallMark(validated: 0) : try FirewallMarkText(json: .text(text)).mark
    }
}
