import Foundation
import QR
import Testing
import Wire

@Suite struct `The QR code of a configuration` {
    private static let line = "vpn wg-config --tunnel \(Fixtures.tunnelID) \(Fixtures.peerID) --qr"

    private func api(_ configuration: String) -> FakeAPI {
        FakeAPI { _ in FakeAPI.Answer(fields: ["Content-Type: text/plain"], body: configuration) }
    }

    private func text(_ bytes: Bytes) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    @Test(arguments: [
        ("", "false", "[Interface]\nAddress = 10.0.0.2/32\n"), (" --split", "true", "[Interface]\n# split\n"),
    ])
    func `is drawn from the text that is asked for`(option: String, value: String, configuration: String) throws {
        let api = api(configuration)
        let result = try Program.run(Self.line + option, api: api)
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(result.output == text(try QRCode(Bytes(configuration.utf8)).blocks(painted: false)))
        #expect(api.calls.map(\.accept) == ["text/plain"])
        #expect(api.calls.first?.target.hasSuffix("/config?split_tunnel=\(value)") == true)
    }

    @Test(arguments: [
        (["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], true), (["TERM": "dumb"], false),
    ])
    func `is black on white on every terminal that can, for its colours are no ornament`(
        environment: [String: String], painted: Bool
    ) throws {
        let output = try Program.run(Self.line, api: api("a"), environment: environment, terminal: true).output
        #expect(output == text(try QRCode(Bytes("a".utf8)).blocks(painted: painted)))
    }

    @Test func `says so if the terminal is too narrow for it`() throws {
        let narrow = try Program.run(Self.line, api: api("a"), terminal: true, columns: 28)
        #expect(
            narrow.errors == """
                The QR code is 29 columns wide, and this terminal has 28: make it wider, or its letters smaller, or write a \
                picture: -o peer.svg

                """)
        #expect(try Program.run(Self.line, api: api("a"), terminal: true, columns: 29).errors == "")
    }

    @Test func `is a picture in a file that only its owner may read`() throws {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).svg"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try Program.run("\(Self.line) -o \(path)", api: api("a"))
        #expect(result.output == "")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text(try QRCode(Bytes("a".utf8)).svg))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }

    @Test func `is refused for a configuration that none can hold`() throws {
        let result = try Program.run(Self.line, api: api(String(repeating: "a", count: 2954)))
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(
            result.errors == """
                aifw: the configuration has 2954 bytes, and a QR code holds 2953 at most.
                Import the file instead (-o peer.conf), or have fewer routes in it: aifw vpn wg-peer-edit --client-routes

                """)
    }
}
