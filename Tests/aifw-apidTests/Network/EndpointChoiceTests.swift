import Testing
import Wire

@testable import aifw_apid

@Suite struct EndpointChoiceTests {
    @Test(
        arguments: [
            ("vpn.example.org:443", "a.example", "192.0.2.1", "vpn.example.org:443"),
            (nil, "a.example", "192.0.2.1", "a.example"),
            (nil, nil, "192.0.2.1", "192.0.2.1"),
            (nil, nil, "2001:db8::1", "2001:db8::1"),
            (nil, nil, "127.0.0.1", "198.51.100.7"),
            (nil, nil, "::1", "198.51.100.7"),
            (nil, nil, "169.254.3.4", "198.51.100.7"),
            (nil, nil, "203.0.113.99", "198.51.100.7"),  // not the host's own
            (nil, nil, "10.0.0.1", "198.51.100.7"),  // the tunnel's own
            (nil, nil, nil, "198.51.100.7"),
            ("10.0.0.1:51820", nil, "192.0.2.1", "192.0.2.1"),
        ] as [(String?, String?, String?, String)])
    func `the endpoint is the first that clients can reach`(
        tunnel: String?, setting: String?, request: String?, chosen: String
    ) throws {
        let own = try tunnel.map { try PublicEndpoint($0) }
        let endpoint = try choice(setting, request, sources: ["198.51.100.7"]).endpoint(of: own)
        #expect(endpoint?.description == chosen)
    }

    @Test func `without any there is none`() throws {
        #expect(try choice(nil, nil, sources: []).endpoint(of: nil) == nil)
        #expect(try choice(nil, "127.0.0.1", sources: ["10.0.0.1", "127.0.0.1"]).endpoint(of: nil) == nil)
    }

    private func choice(_ setting: String?, _ request: String?, sources: [String]) throws -> EndpointChoice {
        EndpointChoice(
            setting: try setting.map { try PublicEndpoint($0) },
            requestAddress: try request.map { try IPAddress($0) },
            hostAddresses: try ["127.0.0.1", "::1", "169.254.3.4", "192.0.2.1", "2001:db8::1", "10.0.0.1"].map {
                try IPAddress($0)
            },
            defaultSources: try sources.map { try IPAddress($0) }, innerAddresses: [try IPAddress("10.0.0.1")])
    }
}
