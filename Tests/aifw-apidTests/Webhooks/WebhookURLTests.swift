import Testing
import Wire

@testable import aifw_apid

@Suite struct WebhookURLTests {
    @Test(arguments: [
        ("https://hooks.example.org", "https://hooks.example.org/"),
        ("HTTPS://Hooks.Example.ORG/Path?b=C", "https://hooks.example.org/Path?b=C"),
        ("https://hooks.example.org:443/a", "https://hooks.example.org/a"),
        ("https://hooks.example.org:80/a", "https://hooks.example.org:80/a"),
        ("http://192.0.2.7:80/", "http://192.0.2.7/"),
        ("http://192.0.2.7:8080?x", "http://192.0.2.7:8080/?x"),
        ("https://[2001:DB8::1]/%7Ehook", "https://[2001:db8::1]/%7Ehook"),
        ("https://[2001:db8::1]:8443/a/b", "https://[2001:db8::1]:8443/a/b"),
        ("https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"),
        ("https://localhost/", "https://localhost/"),
        ("https://x/a@b:c", "https://x/a@b:c"),
    ])
    func `a URL is written in one form, which reads as the same`(text: String, written: String) throws {
        let url = try WebhookURL(text)
        #expect(url.description == written)
        #expect(try WebhookURL(written) == url)
    }

    @Test(arguments: [
        ("", "must begin with https://"), ("hooks.example.org/a", "must begin with https://"),
        ("ftp://hooks.example.org/", "must begin with https://"),
        ("https:/hooks.example.org", "must begin with https://"),
        ("https://user:word@hooks.example.org/", "must have no user name or password"),
        ("https://hooks.example.org@127.0.0.1/", "must have no user name or password"),
        ("https://hooks.example.org/#top", "must have no fragment"),
        ("https://hooks.example.org/a b", "must have a path and a query"),
        ("https://hooks.example.org/\u{E9}", "must have a path and a query"),
        ("https://hooks.example.org/%4", "must have a path and a query"),
        ("https://hooks.example.org/%4g", "must have a path and a query"),
        ("https://hooks.example.org/\r\nX: y", "must have a path and a query"),
        ("https://hooks.example.org/[a]", "must have a path and a query"),
        ("https:///a", "must have a host name"), ("https://:443/", "must have a host name"),
        ("https://2001:db8::1/", "must have a host name"), ("https://[192.0.2.1]/", "must have a host name"),
        ("https://[fe80::1%25eth0]/", "must have a host name"),
        ("https://hooks.example.org:0/", "must have a host name"),
        ("https://hooks.example.org:65536/", "must have a host name"), ("https://a_b/", "must have a host name"),
        ("https://hooks.example.org:/", "must have a host name"), ("https://0.0.0.0/", "must have a host name"),
        ("https://224.0.0.1/", "must have a host name"), ("https://[::]/", "must have a host name"),
        // What inet_aton(3) reads as an address: 127.0.0.1 in decimal, hexadecimal, octal, and with parts left out.
        ("http://2130706433/", "must have a host name"), ("http://0x7f.1/", "must have a host name"),
        ("http://0x7f000001/", "must have a host name"), ("http://0X7F000001/", "must have a host name"),
        ("http://127.0.0.0x1/", "must have a host name"), ("http://0x/", "must have a host name"),
        ("http://0177.0.0.1/", "must have a host name"), ("http://017700000001/", "must have a host name"),
        ("http://127.1/", "must have a host name"), ("http://127.0.0.1./", "must have a host name"),
        ("http://0/", "must have a host name"), ("http://[::127.0.0.1/", "must have a host name"),
        ("https://\u{2474}.example/", "must have a host name"),
        ("https://hooks.example.org\\@x/", "must have no user name"),
    ])
    func `what is no plain URL of a receiver is refused`(text: String, words: String) {
        let error = #expect(throws: ValueError.self) { try WebhookURL(text) }
        #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
    }

    @Test func `a URL has a limit`() throws {
        let start = "https://x/"
        let longest = start + String(repeating: "a", count: WebhookURL.limit - start.utf8.count)
        #expect(try WebhookURL(longest).description == longest)
        #expect(throws: ValueError.self) { try WebhookURL(longest + "a") }
    }
}
