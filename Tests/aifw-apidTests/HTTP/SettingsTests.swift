import FoundationEssentials
import Logging
import Testing
import Wire

@testable import aifw_apid

@Suite struct SettingsTests {
    private func settings(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Settings {
        try Settings(from: CommandLineOptions(arguments).sources(environment: environment))
    }

    private func faults(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String] {
        try #require(throws: SettingsError.self) { try settings(arguments, environment) }.faults
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
        let path = FileManager.default.temporaryDirectory.path + "/aifw-settings-\(ObjectID.random()).json"
        try PrivateFile.replace(
            path, with: #"{"database": "/file", "helper-socket": "/file", "api-socket": "/file", "allow-root": true}"#,
            mode: 0o600)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = try settings(
            ["--config", path, "--database=/line"], ["AIFW_DATABASE": "/env", "AIFW_HELPER_SOCKET": "/env"])
        #expect(settings.database == "/line")
        #expect(settings.helperSocket == "/env")
        #expect(settings.apiSocket == "/file")
        #expect(settings.allowsRoot)
    }

    @Test(arguments: [
        (#"{"listn": "x"}"#, #""listn" is not known"#),
        (#"{"listen": 5}"#, "listen: must be a string, not a whole number"),
        ("[]", "must hold an object"), (#"{"listen": "", "listen": ""}"#, "given twice"),
    ])
    func `a file with a mistake stops the start`(text: String, expected: String) throws {
        let path = FileManager.default.temporaryDirectory.path + "/aifw-settings-\(ObjectID.random()).json"
        try PrivateFile.replace(path, with: text, mode: 0o600)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let faults = try faults(["--config", path])
        #expect(faults.count == 1)
        #expect(faults[0].contains(expected) && faults[0].hasPrefix(path))
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
        #expect(faults.count == 1 && faults[0].hasPrefix("listen: \"\(text)\" must be addresses with ports"))
    }

    @Test func `plain HTTP beyond loopback is refused`() throws {
        #expect(
            try faults(["--listen", "http://192.0.2.1:80"]) == [
                #"listen: "http://192.0.2.1:80" must have plain HTTP on a loopback address only, "#
                    + "such as http://127.0.0.1:8080"
            ])
    }

    @Test func `all wrong values are named at once, with what is allowed`() throws {
        let faults = try faults(
            ["--database", "x", "--log-level", "loud", "--tls-certificate", "/c"], ["AIFW_ALLOW_ROOT": "yes"])
        #expect(
            faults == [
                #"database: "x" must be the absolute path of a file"#,
                #"log-level: "loud" must be one of trace, debug, info, notice, warning, error, critical"#,
                #"allow-root: "yes" must be true or false"#,
                "tls-certificate, tls-private-key: both must be given, or neither",
            ])
    }

    @Test(arguments: [
        (["--bogus", "x"], "\"--bogus\" is not known; see --help"), (["stray"], "\"stray\" is not known; see --help"),
        (["--listen"], "--listen: a value is missing"),
    ])
    func `an unknown or unfinished argument is refused`(arguments: [String], expected: String) throws {
        #expect(try #require(throws: SettingsError.self) { try CommandLineOptions(arguments) }.faults.first == expected)
    }

    @Test(arguments: [
        (["--check"], CommandLineOptions.Action.check), (["--help"], .help), (["-h"], .help), (["--version"], .version),
        ([], .run), (["--check", "--listen", ""], .check),
    ])
    func `an action is recognised`(arguments: [String], action: CommandLineOptions.Action) throws {
        #expect(try CommandLineOptions(arguments).action == action)
    }

    @Test(arguments: SettingsKey.allCases)
    func `the help names every key`(key: SettingsKey) {
        #expect(CommandLineOptions.help.contains("--\(key.rawValue) "))
    }
}
