import Foundation
import Logging
import Testing
import Wire

@testable import aifw_apid

@Suite struct SettingsTests {
    private func settings(
        _ arguments: [String], _ environment: [String: String] = [:], standardFile: String? = nil
    ) throws -> Settings {
        try Settings(CommandLineOptions(arguments), environment: environment, standardFile: standardFile)
    }

    private func faults(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
        try #require(throws: SettingsError.self) { try settings(arguments, environment) }.faults
    }

    /// Runs `body` with the path of a file that has this text.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        try withFolder { (folder) throws in
            try PrivateFile.replace(folder + "/apid.yaml", with: text, mode: 0o600)
            return try body(folder + "/apid.yaml")
        }
    }

    @Test func `nothing said gives what is built in`() throws {
        let settings = try settings([])
        #expect(settings.database == "/var/lib/aifw-apid/aifw.db")
        #expect(settings.helperSocket == "/run/aifw/privd.sock")
        #expect(settings.apiSocket == "/run/aifw/api.sock")
        #expect(settings.listen == [.init(address: try IPAddress("127.0.0.1"), port: 8443, isPlain: false)])
        #expect(settings.isListenBuiltIn)
        #expect(settings.effectiveCertificate.certificatePath == "/var/lib/aifw-apid/tls.crt")
        #expect(settings.effectiveCertificate.keyPath == "/var/lib/aifw-apid/tls.key")
        #expect(settings.logLevel == .info)
        #expect(!settings.allowsRoot)
    }

    @Test func `the command line wins over the environment, and that over the file`() throws {
        let text = "database: /file\nhelper-socket: /file\napi-socket: /file\nallow-root: true\n"
        try withFile(text) { (path) throws in
            let settings = try settings(
                ["--config", path, "--database=/line"], ["AIFW_DATABASE": "/env", "AIFW_HELPER_SOCKET": "/env"])
            #expect(settings.database == "/line")
            #expect(settings.helperSocket == "/env")
            #expect(settings.apiSocket == "/file")
            #expect(settings.allowsRoot)
        }
    }

    @Test func `the report says what holds and where it is from`() throws {
        try withFile("# ours\nlog-level: debug\n") { (path) throws in
            let report = try settings(
                ["--config", path, "--listen", ""], ["AIFW_API_SOCKET": "/s", "AIFW_TOKEN": "secret"]
            ).report
            let lines = report.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.first == ["configuration", "is", "good"])
            #expect(lines.contains(["log-level", "debug", "\(path):2"]))
            #expect(lines.contains(["listen", "\"\"", "--listen"]))
            #expect(lines.contains(["api-socket", "/s", "AIFW_API_SOCKET"]))
            #expect(lines.contains(["max-connections", "1024", "built", "in"]))
            #expect(lines.last?.first == "AIFW_TOKEN:")
            #expect(!report.contains("secret"))
        }
    }

    @Test func `the standard file need not be there, one that is named must be`() throws {
        try withFile("log-level: debug") { (path) throws in
            #expect(try settings([], standardFile: path).logLevel == .debug)
            #expect(try settings([], standardFile: path + ".none").logLevel == .info)
            #expect(try settings(["--config", "/dev/null"], standardFile: path).logLevel == .info)
            #expect(try settings([], ["AIFW_CONFIG": "/dev/null"], standardFile: path).logLevel == .info)
            #expect(try faults(["--config", path + ".none"]) == ["\(path).none: No such file or directory"])
        }
    }

    @Test(arguments: [
        ("a: b: c", ":1: is no YAML: "),
        ("listen: x\nlisten: y\n", ":1: listen: is given twice"),
        ("log-level: info\n!<x> log-level: debug\n", ":2: log-level: is given twice"),
        ("\nlistn: x", #":2: "listn" is not known; did you mean "listen"?"#),
        ("\u{e9}: x", #":1: "é" is not known"#),
        ("? [a]\n: x", ":1: a key must be a word, not a list"),
        ("- listen", #":1: must be lines of "key: value", not a list"#),
        ("word", #":1: must be lines of "key: value", not a single value"#),
        ("database: [/a, /b]", ":1: database: must be one value, not a list"),
        ("listen: {a: b}", ":1: listen: must be one value, or a list of them, not a mapping"),
        ("listen: [[a]]", ":1: listen: must be one value, or a list of them, not a list"),
        ("database:", #":1: database: has no value; give one, "" for an empty one, or take the line out"#),
        ("database: ~", ":1: database: has no value"),
        ("log-level: 5", #":1: log-level: "5" must be one of trace, "#),
        ("max-connections: 1e3", #":1: max-connections: "1e3" must be a whole number from 128 to 16384"#),
        ("max-connections: 127", #":1: max-connections: "127" must be"#),
        ("max-connections: +200", #":1: max-connections: "+200" must be"#),
        ("allow-root: yes", #":1: allow-root: "yes" must be true or false"#),
        ("--- {}\n--- {}", ":2: is no YAML: "),
        (String(repeating: "[", count: 60_000), ": is no YAML"),
        (String(repeating: "#", count: ConfigurationFile.limit + 1), ": is larger than 65536 bytes"),
        ("\u{0}", ": is no YAML"),
    ])
    func `a file with a mistake stops the start, and says in which line`(text: String, expected: String) throws {
        try withFile(text) { (path) throws in
            let faults = try faults(["--config", path])
            #expect(faults.count == 1)
            #expect(faults[0].hasPrefix(path) && faults[0].contains(expected), "\(faults[0].prefix(300))")
        }
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "{}", "log-level: info", "listen: [\"[::]:1\", 127.0.0.1:2]"])
    func `a file without one is taken`(text: String) throws {
        try withFile(text) { (path) throws in _ = try settings(["--config", path]) }
    }

    @Test func `listeners may be a list`() throws {
        try withFile("listen:\n  - 127.0.0.1:1\n  - \"[::1]:2\"\n") { (path) throws in
            #expect(try settings(["--config", path]).listen.map(\.port) == [1, 2])
        }
    }

    @Test func `networks of webhooks may be a list, and what is none is refused`() throws {
        try withFile("webhook-networks:\n  - 127.0.0.0/8\n  - \"fd00::/8\"\n") { (path) throws in
            let listed = try settings(["--config", path]).webhookNetworks.listed
            #expect(listed?.map(\.description) == ["127.0.0.0/8", "fd00::/8"])
        }
        #expect(try settings([]).webhookNetworks == .standard)
        for text in ["", "10.0.0.1/8", "10.0.0.0/8,", "loopback", "10.0.0.0/8, 10.0.0.0/8"] {
            #expect(try faults(["--webhook-networks", text]).first?.hasPrefix("--webhook-networks: ") == true)
        }
    }

    @Test func `a file that is no UTF-8 is refused`() throws {
        try withFolder { (folder) throws in
            try Data([0x61, 0xFF]).write(to: URL(filePath: folder + "/f"))
            #expect(try faults(["--config", folder + "/f"]) == ["\(folder)/f: is no text in UTF-8"])
        }
    }

    @Test(arguments: [
        ("AIFW_LISTN", "AIFW_LISTEN"), ("AIFW_LOGLEVEL", "AIFW_LOG_LEVEL"), ("AIFW_CONFG", "AIFW_CONFIG"),
    ])
    func `a variable that is nearly one of ours is refused`(name: String, meant: String) throws {
        #expect(try faults([], [name: "x"]) == ["\(name): is not known; did you mean \(meant)?"])
    }

    @Test func `a variable of somebody else's is named, and nothing more`() throws {
        let settings = try settings([], ["AIFW_BINARIES": "/x", "OTHER": "y"])
        #expect(settings.strangers == ["AIFW_BINARIES"])
    }

    @Test func `several listeners, IPv6 and plain HTTP on loopback are taken`() throws {
        let settings = try settings(["--listen", "0.0.0.0:8443,[::1]:0,http://127.0.0.1:8080,http://[::1]:81"])
        #expect(settings.listen.map(\.port) == [8443, 0, 8080, 81])
        #expect(settings.listen.map(\.isPlain) == [false, false, true, true])
        #expect(settings.listen[3].address.isLoopback)
    }

    @Test func `no TCP listener at all is possible`() throws {
        #expect(try settings(["--listen", ""]).listen.isEmpty)
    }

    @Test func `a listener that was asked for is told from the one that is built in, even if they are the same`() throws
    {
        #expect(try !settings(["--listen", "127.0.0.1:8443"]).isListenBuiltIn)
        #expect(try !settings([], ["AIFW_LISTEN": ""]).isListenBuiltIn)
    }

    @Test(arguments: [
        "8443", "localhost:8443", "::1:8443", "127.0.0.1:65536", "127.0.0.1:", "[127.0.0.1]:1", "1.1.1.1:1,",
    ])
    func `a listener that is no address with a port is refused`(text: String) throws {
        let faults = try faults(["--listen", text])
        #expect(faults.count == 1 && faults[0].hasPrefix("--listen: \"\(text)\" must be addresses with ports"))
    }

    @Test func `plain HTTP beyond loopback is refused`() throws {
        #expect(
            try faults(["--listen", "http://192.0.2.1:80"]) == [
                #"--listen: "http://192.0.2.1:80" must have plain HTTP on a loopback address only, "#
                    + "such as http://127.0.0.1:8080"
            ])
    }

    @Test func `all wrong values are named at once, with what is allowed`() throws {
        let faults = try faults(
            ["--x", "--database", "x", "--log-level", "loud", "--tls-certificate", "/c"], ["AIFW_ALLOW_ROOT": "yes"])
        #expect(
            faults == [
                #""--x" is not known; see --help"#,
                #"--database: "x" must be the absolute path of a file"#,
                "tls-certificate, tls-private-key: both must be given, or neither",
                #"--log-level: "loud" must be one of trace, debug, info, notice, warning, error, critical"#,
                #"AIFW_ALLOW_ROOT: "yes" must be true or false"#,
            ])
    }

    @Test(arguments: [
        (["--bogus", "x"], "\"--bogus\" is not known; see --help"), (["stray"], "\"stray\" is not known; see --help"),
        (["--listn=x"], "\"--listn\" is not known; did you mean \"listen\"?"),
        (["--listen"], "--listen: a value is missing"),
        (["--listen", "", "--listen", ""], "--listen: is given twice"),
        (["--config", "/dev/null", "--config=/dev/null"], "--config: is given twice"),
    ])
    func `an unknown, unfinished or doubled argument is refused`(arguments: [String], expected: String) throws {
        #expect(try faults(arguments).first == expected)
    }

    @Test(arguments: [
        (["--check"], CommandLineOptions.Action.check), (["--help"], .help), (["-h"], .help), (["--version"], .version),
        ([], .run), (["--check", "--listen", ""], .check),
    ])
    func `an action is recognised`(arguments: [String], action: CommandLineOptions.Action) throws {
        #expect(CommandLineOptions(arguments).action == action)
    }

    // MARK: Papers

    @Test(arguments: SettingsKey.allCases)
    func `the help names every key`(key: SettingsKey) {
        #expect(CommandLineOptions.help.contains("  --\(key.rawValue) "))
    }

    @Test func `the file that is shipped has every key with its default, and changes nothing`() throws {
        let path = try checkout("packaging/apid.yaml")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let blocks = text.components(separatedBy: "\n\n").dropFirst().map { $0.split(separator: "\n") }
        #expect(blocks.count == SettingsKey.allCases.count)
        for (block, key) in zip(blocks, SettingsKey.allCases) {
            #expect(block.first.map(String.init) == "# \(key.help)")
            let line = try #require(block.last.map(String.init))
            #expect(line.hasPrefix("#\(key.rawValue): "))
            if let builtIn = key.builtIn { #expect(line == "#\(key.rawValue): \(builtIn)") }
        }
        let asShipped = try settings(["--config", path])
        #expect(asShipped.origins.allSatisfy { $0.origin == "built in" })
        let keys = text.replacing(#/^#(?=[a-z-]+: )/#.anchorsMatchLineEndings(), with: "")
        try withFile(keys) { (path) throws in
            let all = try settings(["--config", path])
            #expect(all.origins.map(\.key) == SettingsKey.allCases)
            #expect(all.origins.allSatisfy { $0.origin.hasPrefix(path) })
            #expect(all.listen == asShipped.listen && all.maxConnections == asShipped.maxConnections)
        }
    }

    @Test func `the manual has every key with its default, and no other`() throws {
        let text = try String(contentsOfFile: checkout("docs/CONFIGURATION.md"), encoding: .utf8)
        let keys = text.components(separatedBy: "## Keys\n").last
        let section = try #require(keys?.components(separatedBy: "\n## ").first)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .map { $0.split(separator: "|").map { $0.trimmingPrefix(" ").replacing(#/ +$/#, with: "") } }
        #expect(rows.map { $0[0] } == SettingsKey.allCases.map { "`\($0.rawValue)`" })
        #expect(rows.map { $0[1] } == SettingsKey.allCases.map { $0.builtIn.map { "`\($0)`" } ?? "" })
    }

    /// The path of a file of this checkout.
    private func checkout(_ path: String, here: String = #filePath) throws -> String {
        let folder = try #require(here.range(of: "/Tests/")).lowerBound
        return here[..<folder] + "/" + path
    }
}
