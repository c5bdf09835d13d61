import Foundation
import Testing

@Suite struct `Keys of associations` {
    private let api = FakeAPI(Fixtures.daemon)

    /// Runs the line with the path of a file of that content and mode at its end.
    private func run(
        _ line: String, content: String = Fixtures.farEnd, mode: Int = 0o600
    ) throws -> Program.Result {
        let path = NSTemporaryDirectory() + "aifw-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let made = FileManager.default.createFile(
            atPath: path, contents: Data(content.utf8), attributes: [.posixPermissions: mode])
        #expect(made)
        let result = try Program.run("\(line) \(path)", api: api)
        return Program.Result(
            status: result.status, output: result.output,
            errors: result.errors.replacingOccurrences(of: path, with: "FILE"))
    }

    @Test func `what the far end wrote is all that is needed`() throws {
        let result = try run("vpn ipsec-add --from")
        #expect(result.status == 0)
        #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/ipsec"])
        #expect(api.calls.last?.body == Fixtures.farEnd)
        #expect(!result.output.contains(Fixtures.hexKey))
        #expect(
            result.errors == """
                aifw: warning: It is far away.
                The keys are still in FILE: remove it.
                See whether packets go both ways: aifw vpn ipsec-status office-to-dc

                """)
    }

    @Test func `options take the place of what is in the file, whatever that calls it`() throws {
        let content = #"{"name":"a","local_addr":"192.0.2.1","remote_addr":"192.0.2.2","mode":"tunnel","enabled":true}"#
        let line = "vpn ipsec-add --name hq --src 192.0.2.9 --mode transport --disabled --from"
        let result = try run(line, content: content)
        #expect(
            api.calls.last?.body
                == #"{"remote_addr":"192.0.2.2","name":"hq","src_addr":"192.0.2.9","mode":"transport","enabled":false}"#
        )
        #expect(result.errors.hasSuffix("aifw vpn ipsec-config office-to-dc -o far-end.sh\n"))
    }

    @Test(arguments: [0o644, 0o640, 0o604])
    func `a file that others may read is warned of`(mode: Int) throws {
        let result = try run("vpn ipsec-edit office-to-dc --from", mode: mode)
        #expect(
            result.errors == """
                aifw: warning: others than its owner may read FILE: whoever did has the keys.
                The keys are still in FILE: remove it.

                """)
        #expect(api.calls.last?.line == "PATCH /api/v1/vpn/ipsec/\(Fixtures.associationID)")
        #expect(api.calls.last?.body == Fixtures.farEnd)
    }

    @Test(arguments: [
        ("enc_key_in = \(Fixtures.hexKey)", "FILE is not JSON: unexpected 'e' at byte 0"),
        (#"["\#(Fixtures.hexKey)"]"#, "FILE is JSON, but no object with an association's fields"),
        (#"{"name":"a","name":"b"}"#, #"FILE is not JSON: member "name" is given twice at byte 12"#),
        ("", "FILE is not JSON: the text ends too soon at byte 0"),
        ("{\"name\":\"" + String(repeating: "a", count: 70_000) + "\"}", "FILE is longer than an association can be"),
    ])
    func `a file that holds something else is refused before anything is sent`(content: String, words: String) throws {
        let result = try run("vpn ipsec-add --from", content: content)
        #expect(result.status == 65)
        #expect(result.errors == "aifw: \(words)\n")
        #expect(api.calls.isEmpty)
    }

    @Test func `a file that is not there is named`() throws {
        let result = try Program.run("vpn ipsec-add --from /nonexistent/a.json", api: api)
        #expect(result.status == 66)
        #expect(result.errors == "aifw: can't read /nonexistent/a.json: No such file or directory\n")
    }

    @Test func `they come by standard input too, of which nothing is to be removed`() throws {
        let result = try Program.run(["vpn", "ipsec-add", "--from", "-"], api: api, input: Fixtures.farEnd)
        #expect(result.status == 0)
        #expect(api.calls.last?.body == Fixtures.farEnd)
        #expect(!result.errors.contains("remove"))
    }

    @Test(arguments: [
        ("xfrm", Fixtures.script, "On the far end, as root: sh FILE\n"),
        ("setkey", "flush;\n", "On the far end, as root: setkey -f FILE\n"),
        ("json", Fixtures.farEnd, "On the far end: aifw vpn ipsec-add --from FILE\n"),
    ])
    func `the far end's configuration is its owner's alone to read`(
        format: String, content: String, note: String
    ) throws {
        let folder = NSTemporaryDirectory() + "aifw-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let line = "vpn ipsec-config office-to-dc --format \(format) -o \(folder)/FILE"
        let result = try Program.run(line, api: api)
        #expect(result.output == "")
        #expect(result.errors == note)
        #expect(try String(contentsOfFile: folder + "/FILE", encoding: .utf8) == content)
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/FILE")[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(api.calls.last?.accept == (format == "json" ? "application/json" : "text/plain"))
    }

    @Test func `where it can't be written nothing is asked for, and a refusal leaves no file`() throws {
        let unwritable = try Program.run("vpn ipsec-config office-to-dc -o /nonexistent/a.sh", api: api)
        #expect(unwritable.status == 73)
        #expect(api.calls.isEmpty)
        let folder = NSTemporaryDirectory() + "aifw-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let refused = try Program.run("vpn ipsec-config \(Fixtures.peerID) -o \(folder)/a.sh", api: api)
        #expect(refused.status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
}
