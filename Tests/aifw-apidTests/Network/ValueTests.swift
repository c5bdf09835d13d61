import Testing
import Wire

@testable import aifw_apid

@Suite struct ValueTests {
    @Test(arguments: [
        "office-vpn", "a", String(repeating: "x", count: 64), "Büro Köln", "日本", "it's \"quoted\"; rm -rf /",
        "<script>",
        "a b", "🙂", "Cafe\u{301}",
    ])
    func `a printable name is taken as it is`(name: String) throws {
        #expect(try ObjectName(name).description.utf8.elementsEqual(name.utf8))
    }

    @Test(arguments: [
        "", " ", "\t", "\u{A0}", "\u{3000}", " a", "a ", "a\u{2003}", "a\nb", "a\r", "a\u{0}", "a\u{7F}b", "a\u{85}b",
        "a\u{202E}b", "a\u{2066}b", "a\u{200B}b", "a\u{200D}b", "\u{FEFF}a", "a\u{2028}b", "a\u{2029}b", "a\u{AD}b",
        "a\u{E000}b", "a\u{E0041}b", String(repeating: "x", count: 65),
        "e" + String(repeating: "\u{301}", count: 64),
    ])
    func `a name that is blank, too long or not what it seems is refused`(name: String) {
        #expect(throws: ValueError.self) { try ObjectName(name) }
    }

    @Test(arguments: [
        ("10.0.0.1/24", "10.0.0.1/24"), ("10.0.0.1/24,fd00::1/64", "10.0.0.1/24, fd00::1/64"),
        (" 10.0.0.0/31 , 10.0.0.2/32", "10.0.0.0/31, 10.0.0.2/32"), ("FD00:0::/127", "fd00::/127"),
        ("10.0.0.255/8", "10.0.0.255/8"),
    ])
    func `addresses are written in one way`(text: String, canonical: String) throws {
        #expect(try AddressList(text).description == canonical)
    }

    @Test(arguments: [
        ("", "must be an IPv4 or IPv6 address"), ("10.0.0.1", "must have a prefix length, such as 10.0.0.1/24"),
        ("10.0.0.0/24", "probably 10.0.0.1/24 was meant"), ("10.0.0.255/24", "broadcast"), ("fd00::/64", "anycast"),
        ("10.0.0.1/24,", "address 2 must be"), ("10.0.0.1/33", "from 0 to 32"),
        ("224.0.0.1/24", "unicast"),
        ("0.0.0.0/32", "unicast"), ("255.255.255.255/32", "unicast"),

        ("10.0.0.1/24, 10.0.0.1/24", "twice"), ("10.0.0.1/24, 10.0.0.2/24", "overlap"),
        ("10.0.0.1/8, 10.9.0.1/24", "overlap"), ("10.0.0.1/24\nPostUp = x", "must have a length"),
        (
            "x, y",
            "address 1 must be an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1, not \"x\"; address 2 must"
        ),
    ])
    func `addresses that no interface can have are refused with the reason`(text: String, reason: String) {
        #expect { try AddressList(text) } throws: { "\($0)".contains(reason) }
    }

    @Test(arguments: [
        ("127.0.0.1/8", "loopback"), ("169.254.0.1/16", "link-local"), ("fe80::1/64", "link-local"),
        ("10.0.0.1/7", "wider than /8"), ("2001:db8::1/15", "wider than /16"),
        ("0.1.2.3/8", "this host"), ("::ffff:10.0.0.1/128", "IPv4-mapped"), ("169.0.0.1/8", "link-local"),
        ("192.0.2.9/28", "must not overlap 192.0.2.0/24, which this host has"),
    ])
    func `addresses that the helper would refuse are refused with its words, but for those that are there`(
        text: String, reason: String
    ) throws {
        let rules = NetworkRules(policy: .standard, host: HostPrefixes([try Prefix("192.0.2.0/24")]))
        let both = try AddressList("172.29.9.1/24, fd09::1/64, \(text)")
        let objections = rules.objections(to: both)
        #expect(objections.count == 1)
        #expect(objections.first?.contains(reason) == true)
        #expect(rules.objections(to: both, replacing: both).isEmpty)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("10.0.0.1,fd00::53, office.example", "10.0.0.1, fd00::53, office.example"),
        ("local", "local"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ])
    func `name servers and search domains are taken`(text: String, canonical: String) throws {
        #expect(try DNSServers(text).description == canonical)
    }

    @Test(arguments: [
        "", "10.0.0.256", "10.0.0.1\n", "a b", "a\nPostUp = x", "a\r\nb", "\"a\"", "a;b", "-a", "a-", "a..b", "a.",
        ".a",
        "bücher.example", "a_b", "0.0.0.0", "224.0.0.1", "1.2.3", "10.0.0.1, 10.0.0.1", "fe80::1%eth0", "#",
        String(repeating: "a", count: 64), (0..<17).map { "h\($0)" }.joined(separator: ","),
    ])
    func `what would add to a configuration, or is no name, is refused`(text: String) {
        #expect(throws: ValueError.self) { try DNSServers(text) }
    }

    @Test func `lists are taken as arrays and as text alike`() throws {
        let array = try PrefixList(json: ["172.29.0.0/16", " 10.0.0.0/8"])
        #expect(try array == PrefixList(json: "172.29.0.0/16,10.0.0.0/8"))
        #expect(array.json == "172.29.0.0/16, 10.0.0.0/8")
        #expect(throws: ValueError.self) { try PrefixList(json: []) }
        #expect(throws: ValueError("must be an array of strings, but one element is a whole number")) {
            try PrefixList(json: ["10.0.0.0/8", 7])
        }
        #expect(throws: ValueError("must be an array of strings, or a string with commas, not null")) {
            try PrefixList(json: nil)
        }
    }

    @Test(arguments: [
        ("10.0.0.5/24", "10.0.0.0/24 or 10.0.0.5/32 was probably meant"),
        ("10.0.0.5, 10.0.0.5/32", "10.0.0.5/32 twice"),
        ("fd00::1/64", "fd00::/64 or fd00::1/128 was probably meant"), ("10.0.0.5/255", "from 0 to 32"),
        ("auto", "must be an IPv4"),
    ])
    func `allowed IPs that are not what they say are refused with what was meant`(text: String, reason: String) {
        #expect { try AllowedIPs(text) } throws: { "\($0)".contains(reason) }
    }

    @Test func `allowed IPs are an array in answers, and auto asks for the next`() throws {
        let given = try AllowedIPs.Choice(json: "10.0.0.2, fd00::2, 0.0.0.0/0")
        #expect(given.json == ["10.0.0.2/32", "fd00::2/128", "0.0.0.0/0"])
        #expect(try AllowedIPs.Choice(json: "auto") == .auto)
        #expect(throws: ValueError.self) { try AllowedIPs.Choice(json: ["auto"]) }
        let many = (0...256).map { "10.0.\($0 / 256).\($0 % 256)" }
        #expect(throws: ValueError("must have at most 256 elements")) { try AllowedIPs(many.joined(separator: ",")) }
        #expect(try AllowedIPs(many.dropLast().joined(separator: ",")).elements.count == 256)
    }

    @Test(arguments: [
        ("vpn.example.org", "vpn.example.org:51820"), ("vpn.example.org:443", "vpn.example.org:443"),
        ("192.0.2.1", "192.0.2.1:51820"), ("192.0.2.1:1", "192.0.2.1:1"), ("2001:db8::1", "[2001:db8::1]:51820"),
        ("[2001:db8::1]", "[2001:db8::1]:51820"), ("[2001:db8::1]:65535", "[2001:db8::1]:65535"),
    ])
    func `an endpoint may leave its port out`(text: String, full: String) throws {
        let endpoint = try PublicEndpoint(text)
        #expect(endpoint.text(defaultPort: try Port(51820)) == full)
        #expect(try PublicEndpoint(endpoint.description) == endpoint)
    }

    @Test(arguments: [
        "", ":443", "host:", "host:0", "host:65536", "host:0443", "host:+1", "host:443 ", "host name", "a\nb", "a/b",
        "[192.0.2.1]:443", "[2001:db8::1", "2001:db8::1]:443", "[2001:db8::1]443", "[fe80::1%eth0]:1", "0.0.0.0",
        "224.0.0.1:1", "192.0.2.256", "192.0.2.01", "host:443:443", "user@host", "host\"", "http://host",
    ])
    func `an endpoint that no client can use is refused`(text: String) {
        #expect(throws: ValueError.self) { try PublicEndpoint(text) }
    }

    @Test(arguments: [
        ("host.example", "such as host.example:51820"), ("192.0.2.1", "such as 192.0.2.1:51820"),
        ("2001:db8::1", "such as [2001:db8::1]:51820"), ("0.0.0.0:1", "one host can have"),
        ("[::ffff:192.0.2.1]:1", "not IPv4-mapped"), ("[ff02::1]:1", "one host can have"),
        ("x y", "must be a host name or an address, with a port"), ("192.0.2.256:1", "must be a host name"),
        ("host:0", "must be a host name"), ("host_name:1", "must be a host name"), ("host.:1", "must be a host name"),
    ])
    func `a peer's endpoint is an address or a name, and a port`(text: String, reason: String) throws {
        #expect { try PeerEndpoint(text) } throws: { "\($0)".contains(reason) }
    }

    @Test(arguments: ["1.2.3.4:51820", "[2001:db8::1]:51820"])
    func `a peer's endpoint with an address is where it is reached`(text: String) throws {
        let endpoint = try PeerEndpoint(text)
        #expect(try endpoint.endpoint == Endpoint(text))
        #expect(endpoint.description == text && endpoint.name == nil)
    }

    @Test(arguments: [("vpn.Example.org", 51820), ("gateway", 1), ("1.pool.example", 65535)])
    func `a peer's endpoint with a name stays as it was written`(name: String, port: Int) throws {
        let endpoint = try PeerEndpoint("\(name):\(port)")
        #expect(endpoint.description == "\(name):\(port)" && endpoint.endpoint == nil)
        #expect(try endpoint.name == HostName(name))
        #expect(Int(endpoint.port.rawValue) == port)
    }

    @Test(
        arguments: [(JSON("0x10"), 16), ("0XfFffFFff", 4_294_967_295), (51, 51), ("51", 51), (0, 0)] as [(JSON, UInt32)]
    )
    func `a firewall mark is a number or text`(json: JSON, mark: UInt32) throws {
        #expect(try FirewallMarkText(json: json).mark.rawValue == mark)
    }

    @Test(
        arguments: ["", "0x", "-1", "+1", "0x+1", "0x100000000", "1e3", " 1", -1, 4_294_967_296, nil, true] as [JSON])
    func `any other firewall mark is refused`(json: JSON) {
        #expect(throws: ValueError.self) { try FirewallMarkText(json: json) }
    }

    @Test(
        arguments: [
            (256, 256), ("0x100", 256), ("0XdeadBEEF", 0xDEAD_BEEF), ("4294967295", 4_294_967_295), ("00300", 300),
        ] as [(JSON, UInt32)])
    func `an SPI is a number or text`(json: JSON, spi: UInt32) throws {
        #expect(try SPIText(json: json).spi.rawValue == spi)
    }

    @Test(
        arguments: [
            (255, "from 256 to 4294967295; 0 to 255 are reserved"), (0, "reserved"), (-1, "reserved"),
            (4_294_967_296, "from 256"), ("0xff", "reserved"), ("0x100000000", "from 256"),
            ("99999999999999999999", "from 256"), ("", "must be a whole number"), ("0x", "must be a whole number"),
            ("12ab", "must be a whole number"), ("+300", "must be a whole number"),
            ("0x-300", "must be a whole number"),
            (" 300", "must be a whole number"), (nil, "not null"), (true, "not true or false"), ([300], "not an array"),
        ] as [(JSON, String)])
    func `any other SPI is refused`(json: JSON, reason: String) {
        #expect { try SPIText(json: json) } throws: { "\($0)".contains(reason) }
    }

    @Test(arguments: ["0f1E", "0x0f1e", "0X0F1E"])
    func `a key in hexadecimal is read in either case`(text: String) throws {
        let key = try HexKey(json: .text(text + String(repeating: "00", count: 18)))
        #expect(key.count == 20)
        let bytes = try #require(key.secret).withUnsafeBytes { Array($0) }
        #expect(bytes == [0x0F, 0x1E] + Array(repeating: 0, count: 18))
        let written = Bytes(capacity: 40)
        written.append(hexadecimal: try #require(key.secret))
        #expect(
            written.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "0f1e"
                + String(repeating: "0", count: 36))
        #expect("\(key)" == "(secret)" && String(reflecting: key) == "(secret)")
    }

    @Test(arguments: ["", "0x", "abc", "zz", "0g", "a b ", "0000", "é1", "ab\u{0}0", "0x0x11"])
    func `no other key is, and no error quotes it`(text: String) throws {
        let error = #expect(throws: ValueError.self) { try HexKey(json: .text(text)) }
        #expect(text.isEmpty || error?.description.contains("\"\(text)") == false)
    }
}
