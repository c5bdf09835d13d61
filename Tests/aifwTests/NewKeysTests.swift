import Foundation
import Testing

@Suite struct `Configurations of new keys` {
    /// A daemon that keeps the private keys which it makes, or hands them out once.
    private func api(keeps: Bool) -> FakeAPI {
        FakeAPI { call in
            guard !keeps, call.method == "POST" else { return Fixtures.daemon(call) }
            let peer = Fixtures.peer.replacingOccurrences(
                of: #""has_private_key":true"#, with: #""has_private_key":false"#)
            return .json(#"{"data":\#(peer.dropLast()),"config":"[Interface]\nPrivateKey = k\n"}}"#, status: 201)
        }
    }

    /// Runs the line with `-o` and a new path, and returns what is in the file then.
    private func file(_ line: String, _ api: FakeAPI) throws -> (content: String, mode: Int?, result: Program.Result) {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).conf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let result = try Program.run(line + " -o " + path, api: api)
        #expect(result.status == 0)
        let shown = Program.Result(
            status: result.status, output: result.output,
            errors: result.errors.replacingOccurrences(of: path, with: "FILE"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        return (try String(contentsOfFile: path, encoding: .utf8), mode?.intValue, shown)
    }

    private static let lines = ["vpn wg-peer-add --tunnel office --name a", "vpn wg-rotate --tunnel office laptop"]

    @Test(arguments: lines)
    func `one that the server keeps is fetched into the file`(line: String) throws {
        let api = api(keeps: true)
        let (content, mode, result) = try file(line, api)
        #expect(content == "[Interface]\nAddress = 10.0.0.2/32\n")
        #expect(mode == 0o600)
        #expect(result.output.hasPrefix("id              \(Fixtures.peerID)\n"))
        #expect(result.errors.hasSuffix("Its configuration is in FILE.\n"))
        #expect(api.calls.last?.target.hasSuffix("/config?split_tunnel=false") == true)
    }

    @Test(arguments: lines)
    func `one that is handed out once goes to the file, and to nowhere else`(line: String) throws {
        let api = api(keeps: false)
        let (content, mode, result) = try file(line + (line.contains("add") ? " --no-keep-private-key" : ""), api)
        #expect(content == "[Interface]\nPrivateKey = k\n")
        #expect(mode == 0o600)
        #expect(!result.output.contains("PrivateKey"))
        #expect(
            result.errors == """
                Its configuration is in FILE.
                The server keeps no private key of it: this is the only time it is shown.

                """)
        #expect(api.calls.last?.method == "POST")
        if line.contains("add") { #expect(api.calls.last?.body == #"{"name":"a","keep_private_key":false}"#) }
    }

    @Test(arguments: [
        "vpn wg-rotate --tunnel office laptop", "vpn wg-peer-add --tunnel office --name a -o - --no-keep-private-key",
    ])
    func `one that is handed out once is never lost for want of a file`(line: String) throws {
        let result = try Program.run(line, api: api(keeps: false))
        #expect(result.output == "[Interface]\nPrivateKey = k\n")
        #expect(result.errors == "The server keeps no private key of it: this is the only time it is shown.\n")
    }

    @Test(arguments: lines)
    func `one that goes to standard output by another name is alone there too`(line: String) throws {
        let api = api(keeps: true)
        let screen = try Program.run(line + " -o /dev/stdout", api: api, terminal: true)
        #expect(screen.status == 0 && screen.output == "[Interface]\nAddress = 10.0.0.2/32\n")
        #expect(!screen.errors.contains("/dev/stdout"))
    }

    @Test(arguments: lines)
    func `without a file nothing is made, and no half of one is left`(line: String) throws {
        let api = api(keeps: true)
        let result = try Program.run(line + " -o /nonexistent/a.conf", api: api)
        #expect(result.status == 73)
        #expect(!api.calls.contains { $0.method == "POST" })

        let folder = NSTemporaryDirectory() + "aifw-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let refusing = FakeAPI { _ in .problem(404, Fixtures.notFound) }
        let refused = try Program.run(
            "\(line) -o \(folder)/a.conf".replacingOccurrences(of: "office", with: Fixtures.tunnelID), api: refusing)
        #expect(refused.status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test(arguments: [409, 429, 502, 503])
    func `where it can't be fetched, what was done is said, and how to fetch it later`(status: Int) throws {
        let api = FakeAPI { call in
            call.target.contains("/config") ? .problem(status, #"{"title":"No"}"#) : Fixtures.daemon(call)
        }
        let config = "aifw vpn wg-config --tunnel \(Fixtures.tunnelID) \(Fixtures.peerID) -o peer.conf"
        for (line, done) in zip(Self.lines, ["The peer was added.", "The peer has its new keys."]) {
            let result = try Program.run(line + " -o -", api: api)
            #expect(result.status == (status == 502 ? 70 : status == 503 ? 69 : 1) && result.output == "")
            #expect(result.errors.contains("\(done) Fetch its configuration later: \(config)\naifw: No\n"))
            #expect(!result.errors.contains("Nothing was changed"))
        }
    }

    @Test func `rotating says where the new configuration is`() throws {
        let api = api(keeps: true)
        let result = try Program.run("vpn wg-rotate --tunnel office laptop", api: api)
        #expect(api.calls.last?.line == "POST /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)/rotate")
        #expect(result.output.contains("public key      \(Fixtures.key)\n"))
        let config = "aifw vpn wg-config --tunnel \(Fixtures.tunnelID) \(Fixtures.peerID) -o peer.conf"
        #expect(result.errors == "Fetch its configuration anew: \(config)\n")
    }
}
