import Testing

@testable import aifw_apid

@Suite struct ContentDispositionTests {
    @Test(arguments: [
        ("laptop.conf", "laptop.conf", ""),
        ("a-name-that-is-longer.conf", "a-name-that-is.conf", ""),
        ("Jürgens Laptop.conf", "J-rgens-Laptop.conf", "; filename*=UTF-8''J%C3%BCrgens%20Laptop.conf"),
        ("../a\\b\"c.conf", "a-b-c.conf", "; filename*=UTF-8''-.-a-b%22c.conf"),
        ("50%'\r\n.conf", "50-.conf", "; filename*=UTF-8''50%25%27--.conf"),
        ("電話.conf", "peer.conf", "; filename*=UTF-8''%E9%9B%BB%E8%A9%B1.conf"),
    ])
    func `a name that is more than safe characters is given in full as well`(
        name: String, fallback: String, extended: String
    ) {
        #expect(
            ContentDisposition.attachment(name: name, fallback: fallback)
                == "attachment; filename=\"\(fallback)\"\(extended)")
    }
}
