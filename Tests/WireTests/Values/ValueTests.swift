import Testing
import Wire

struct ValueTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("fe80::1", "fe80::1"), ("1::", "1::"),
    ])
    func `An address is written in its one form`(text: String, canonical: String) throws {
        #expect(try IPAddress(text).description == canonical)
        #expect(try IPAddress(canonical) == IPAddress(text))
        #expect(IPAddress(bytes: try IPAddress(text).bytes) == (try IPAddress(text)))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
        "1.2.3.+4",
        "0x1.2.3.4", "1..2.3", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8", "12345::", "g::", "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3.4:5", ":1", "1:", "::1.2.3",
        "１.2.3.4", "1.2.3.4\n", "::\u{0}", "fe80::1::",
    ])
    func `What is no address is refused`(text: String) {
        #expect(throws: ValueError.self) { try IPAddress(text) }
    }

    @Test(arguments: [
        ("10.0.0.0/24", "10.0.0.255"), ("0.0.0.0/0", "255.255.255.255"), ("192.0.2.7/32", "192.0.2.7"),
        ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ("10.0.0.4/31", "10.0.0.5"),
    ])
    func `A prefix knows its last address`(text: String, last: String) throws {
        let prefix = try Prefix(text)
        #expect(prefix.description == text)
        #expect(prefix.last.description == last)
        #expect(prefix.contains(prefix.address))
        #expect(prefix.contains(prefix.last))
    }

    @Test(arguments: [
        ("10.0.0.5/24", "has bits set behind its length: 10.0.0.5/24; 10.0.0.0/24 or 10.0.0.5/32 was probably meant"),
        ("10.0.0.0/33", "must have a length from 0 to 32 behind the slash: \"10.0.0.0/33\""),
        ("::/129", "must have a length from 0 to 128 behind the slash: \"::/129\""),
        ("10.0.0.0/08", "must have a length from 0 to 32 behind the slash: \"10.0.0.0/08\""),
        ("10.0.0.0/-1", "must have a length from 0 to 32 behind the slash: \"10.0.0.0/-1\""),
        ("10.0.0.0/", "must have a length from 0 to 32 behind the slash: \"10.0.0.0/\""),
        ("10.0.0.0/255", "must have a length from 0 to 32 behind the slash: \"10.0.0.0/255\""),
    ])
    func `A wrong prefix says what was probably meant`(text: String, words: String) {
        let error = #expect(throws: ValueError.self) { try Prefix(text) }
        #expect(error?.description == words)
    }

    @Test func `A bare address is the prefix of that one address`() throws {
        #expect(try Prefix("10.0.0.2").description == "10.0.0.2/32")
        #expect(try Prefix("fd00::2").description == "fd00::2/128")
        #expect(throws: ValueError.self) { try InterfaceAddress("10.0.0.1") }
    }

    @Test(arguments: [
        ("10.0.0.0/24", "10.0.0.128/25", true), ("10.0.0.0/24", "10.0.1.0/24", false),
        ("0.0.0.0/0", "192.0.2.1/32", true),
        ("0.0.0.0/0", "::/0", false), ("fd00::/8", "fd12::/64", true), ("fd00::/64", "fd00:0:0:1::/64", false),
        ("10.0.0.2/32", "10.0.0.2/32", true),
    ])
    func `Overlap is told by bits`(first: String, second: String, overlap: Bool) throws {
        #expect(try Prefix(first).overlaps(Prefix(second)) == overlap)
        #expect(try Prefix(second).overlaps(Prefix(first)) == overlap)
    }

    @Test(arguments: ["wg0", "wg7", "wg9999"])
    func `A tunnel's interface is wg0 to wg9999`(text: String) throws {
        #expect(try TunnelInterface(text).description == text)
    }

    @Test(arguments: [
        "wg", "wg00", "wg01", "wg10000", "WG0", "eth0", "wg0 ", "wg-1", "wg0;", "wg0/../x", "wg0\n", "wg٣",
    ])
    func `No other name is taken for a tunnel's interface`(text: String) {
        #expect(throws: ValueError.self) { try TunnelInterface(text) }
    }

    @Test(arguments: ["", ".", "..", "a b", "a/b", "eth0:1", "1234567890123456", "a\"b", "ä", "a\u{0}"])
    func `An interface name has no sign that a rule or path could trip over`(text: String) {
        #expect(throws: ValueError.self) { try InterfaceName(text) }
    }

    @Test(arguments: [("192.0.2.1:51820", "192.0.2.1:51820"), ("[2001:DB8::1]:1", "[2001:db8::1]:1")])
    func `An endpoint is an address and a port`(text: String, canonical: String) throws {
        #expect(try Endpoint(text).description == canonical)
    }

    @Test(arguments: [
        "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:051820", "2001:db8::1:51820",
        "[192.0.2.1]:1", "[::1]", "host:1", ":1", "192.0.2.1:+1", "192.0.2.1:1\nPostUp=x",
    ])
    func `What is no endpoint is refused`(text: String) {
        #expect(throws: ValueError.self) { try Endpoint(text) }
    }

    @Test func `Numbers are refused outside their range, never clamped`() throws {
        #expect(try Port(json: 65535).rawValue == 65535)
        for wrong: JSON in [0, 65536, -1, "1", .number("1.0"), .number("1e3"), .null, true] {
            #expect(throws: ValueError.self) { try Port(json: wrong) }
        }
        #expect(throws: ValueError.self) { try MTU(575) }
        #expect(throws: ValueError.self) { try SPI(255) }
        #expect(try SPI(256).rawValue == 256)
        #expect(try Keepalive(0).rawValue == 0)
        #expect(throws: ValueError.self) { try FirewallMark(UInt64(1) << 32) }
    }

    @Test func `A UUID is read in either case and written in lower case`() throws {
        let id = try ObjectID("5AD0F1E2-7b55-4c33-9d2c-0b8f3f1f5a10")
        #expect(id.description == "5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10")
        for wrong in ["", "5ad0f1e27b554c339d2c0b8f3f1f5a10", "{5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10}", "g"] {
            #expect(throws: ValueError.self) { try ObjectID(wrong) }
        }
        let random = ObjectID.random().description
        #expect(random.dropFirst(14).first == "4")
        #expect("89ab".contains(random.dropFirst(19).prefix(1)))
        #expect(ObjectID.random() != ObjectID.random())
    }

    @Test func `A public key is 32 bytes and not all zeros`() throws {
        let text = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
        #expect(try PublicKey(text).description == text)
        for wrong in [
            "", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dh=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n",
            "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8D==",
        ] {
            #expect(throws: ValueError.self, "\(wrong)") { try PublicKey(wrong) }
        }
    }

    @Test func `A secret is never printed, and its errors don't quote it`() throws {
        let text = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
        let key = try SecretKey(json: .text(text))
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, String(describing: Optional(key))] {
            #expect(!shown.contains("yAnz"))
        }
        #expect(String(decoding: key.base64.array, as: UTF8.self) == text)
        let error = #expect(throws: ValueError.self) { try SecretKey(json: .text("yAnz5TF+lXXJte14tji3")) }
        #expect(error?.description.contains("yAnz") == false)
    }

    @Test func `The key of all zeros is nobody's secret`() throws {
        let zeros = String(repeating: "A", count: 43) + "="
        let error = #expect(throws: ValueError.self) { try SecretKey(json: .text(zeros)) }
        #expect(error?.description == "must not be the key of all zeros")
        #expect(throws: Never.self) { try SecretKey(json: .text(String(repeating: "A", count: 42) + "E=")) }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func `Base 64 is that of RFC 4648`(plain: String, text: String) throws {
        let encoded = Bytes()
        Bytes(plain.utf8).withUnsafeBytes { Base64.encode($0, to: encoded) }
        #expect(String(decoding: encoded.array, as: UTF8.self) == text)
        #expect(encoded.withUnsafeBytes { Base64.decode($0) }?.array == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "Zm9v\n", "Zm 9", "Zm-_", "=Zm9", "Zg==Zg=="])
    func `Base 64 in another form is refused`(text: String) {
        #expect(Bytes(text.utf8).withUnsafeBytes { Base64.decode($0) } == nil)
    }
}
