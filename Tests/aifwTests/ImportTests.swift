import Foundation
import Testing

@Suite struct `Imports` {
    private static let made = """
        {"data":[{"tunnel":{"id":"\(Fixtures.tunnelID)","name":"office","interface":"wg0","listen_port":51820,\
        "address":"10.0.0.1/24","peer_count":2},"peers":[],"file":"office.conf"}],\
        "warnings":["office.conf line 4: PostUp is dropped"]}
        """

    private let api = FakeAPI { call in
        switch call.target {
        case "/api/v1/vpn/wg/import?dry_run=true": .json(made)
        default: .json(made, status: 201)
        }
    }

    private func with<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
        let folder = NSTemporaryDirectory() + "aifw-import-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files {
            let path = "\(folder)/\(name)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        return try body(folder)
    }

    @Test func `files go as one request, and what was made is shown`() throws {
        try with(["office.conf": "a\n", "b.conf": "b\n"]) { folder in
            let result = try Program.run(
                ["vpn", "wg-import", "--yes", "\(folder)/office.conf", "\(folder)/b.conf"], api: api)
            #expect(result.status == 0, "\(result.errors)")
            #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/wg/import"])
            #expect(
                api.calls.last?.body == """
                    {"files":[{"file":"office.conf","config":"a\\n"},{"file":"b.conf","config":"b\\n"}]}
                    """)
            #expect(
                result.output == """
                    ID                                    INTERFACE   PORT  PEERS  ADDRESS      FILE         NAME
                    \(Fixtures.tunnelID)  wg0        51820      2  10.0.0.1/24  office.conf  office

                    """)
            #expect(
                result.errors == """
                    aifw: warning: office.conf line 4: PostUp is dropped
                    They are down. Start one: aifw vpn wg-start wg0

                    """)
        }
    }

    @Test func `a dry run changes nothing; standard input and options go along`() throws {
        let result = try Program.run(
            ["vpn", "wg-import", "--dry-run", "--name", "hq", "--interface", "wg4", "-"], api: api, input: "x")
        #expect(result.status == 0, "\(result.errors)")
        #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/wg/import?dry_run=true"])
        #expect(api.calls.last?.body == #"{"files":[{"name":"hq","interface":"wg4","config":"x"}]}"#)
        #expect(result.output.hasPrefix("INTERFACE") && result.errors.hasSuffix("Nothing was changed.\n"))
    }

    @Test func `with --json it is the API's own answer`() throws {
        let result = try Program.run(["vpn", "wg-import", "--yes", "--json", "-"], api: api, input: "x")
        #expect(result.status == 0 && result.output == Self.made + "\n" && result.errors == "")
    }

    @Test func `a zip goes as it is, alone`() throws {
        try with(["all.zip": "PK\u{3}\u{4}rest", "a.conf": "a"]) { folder in
            let result = try Program.run(["vpn", "wg-import", "--yes", "\(folder)/all.zip"], api: api)
            #expect(result.status == 0, "\(result.errors)")
            #expect(api.calls.last?.body == "PK\u{3}\u{4}rest")
            let mixed = try Program.run(
                ["vpn", "wg-import", "--yes", "\(folder)/a.conf", "\(folder)/all.zip"], api: api)
            #expect(mixed.status == 65 && api.calls.count == 1)
        }
    }

    @Test(arguments: [
        (["vpn", "wg-import", "-"], Int32(65), "is no terminal to ask on: give --yes"),
        (["vpn", "wg-import", "--yes"], 64, "Missing expected argument"),
        (["vpn", "wg-import", "--yes", "--name", "x", "a", "b"], 64, "--name and --interface are for one file."),
        (["vpn", "wg-import", "--yes", "-", "-"], 64, "Standard input can be read once."),
        (["vpn", "wg-import", "--yes", "/nowhere/a.conf"], 66, "can't read /nowhere/a.conf"),
    ])
    func `what can't be done is said, and nothing is sent`(line: [String], status: Int32, words: String) throws {
        let result = try Program.run(line, api: api, input: "x")
        #expect(result.status == status && result.errors.contains(words), "\(result.errors)")
        #expect(api.calls.isEmpty)
    }

    @Test func `a fault is named by its line`() throws {
        let api = FakeAPI { _ in
            .problem(
                422,
                #"{"title":"A value is wrong","errors":[{"field":"a.conf line 3","detail":"Jc is not known here"}]}"#)
        }
        let result = try Program.run(["vpn", "wg-import", "--yes", "-"], api: api, input: "x")
        #expect(result.status == 1 && result.errors.contains("  a.conf line 3: Jc is not known here\n"))
    }
}
