import HTTPTypes
import Testing

@testable import aifw_apid

@Suite struct AcceptTests {
    private static let types = ["text/plain", "application/json", "image/svg+xml"]

    @Test(
        arguments: [
            (nil, "text/plain"), ("", "text/plain"), ("*/*", "text/plain"), ("application/json", "application/json"),
            ("text/html, IMAGE/*;q=0.9, */*;q=0.1", "image/svg+xml"), ("text/plain;q=0, */*", "application/json"),
            ("text/plain; charset=utf-8", "text/plain"), ("image/png", nil), ("text/html, application/xml;q=0.9", nil),
            ("*/*;q=0", nil), ("text/plain;q=nan", nil), ("png", nil),
        ] as [(String?, String?)])
    func `the form that is wanted most is chosen, and none if all are excluded`(header: String?, type: String?) {
        var headers = HTTPFields()
        headers[.accept] = header
        #expect(Accept(headers).best(of: Self.types) == type)
    }
}
