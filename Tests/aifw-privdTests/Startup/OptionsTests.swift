import Daemon
import Testing

@testable import aifw_privd

@Suite struct `The command line of the helper` {
    @Test func `Nothing given is the defaults`() throws {
        #expect(try Options.parse([]) == .serve(Options()))
    }

    @Test func `Every flag is taken, with a space or an equals sign`() throws {
        let task = try Options.parse([
            "--socket", "/s", "--peer-user=1001", "--user", "vpn", "--state-directory=/d", "--policy", "/p",
            "--wireguard", "userspace", "--filter", "pf", "--launcher=/w",
        ])
        var expected = Options()
        expected.socket = "/s"
        expected.peerUser = "1001"
        expected.user = "vpn"
        expected.stateDirectory = "/d"
        expected.policy = "/p"
        expected.backend = .userspace
        expected.filter = .pf
        expected.launcher = "/w"
        #expect(task == .serve(expected))
    }

    @Test(arguments: [
        (["--sockets", "/s"], #"unknown argument "--sockets"; unknown argument "/s""#),
        (["--socket"], "--socket needs a value"),
        (["--socket="], "--socket needs a value"),
        (["--user", "a", "--user", "b"], "--user is given twice"),
        (["--wireguard", "both"], #"--wireguard must be one of auto, kernel, userspace, not "both""#),
        (["--filter=iptables"], #"--filter must be one of auto, nftables, pf, none, not "iptables""#),
        (["--policy", "p"], #"--policy must be an absolute path, not "p""#),
        (["--state-directory", "d"], #"--state-directory must be an absolute path, not "d""#),
        (
            ["--wireguard", "x", "--socket", "rel"],
            #"--wireguard must be one of auto, kernel, userspace, not "x"; --socket must be an absolute path, not "rel""#
        ),
        (["--socket", "/" + String(repeating: "a", count: 107)], "--socket must have at most 107 bytes"),
    ])
    func `Faults are told all at once`(arguments: [String], words: String) {
        let error = #expect(throws: StartupError.self) { try Options.parse(arguments) }
        #expect(error?.description == words + "; see aifw-privd --help")
        #expect(error?.exitStatus == 64)
    }

    @Test(arguments: KeyCommand.allCases)
    func `A key command is taken with the options of the helper`(command: KeyCommand) throws {
        var expected = Options()
        expected.stateDirectory = "/d"
        #expect(try Options.parse([command.rawValue, "--state-directory", "/d"]) == .keys(command, expected))
        #expect(Options.help.contains(command.rawValue))
        let error = #expect(throws: StartupError.self) {
            try Options.parse(["--check-confinement", command.rawValue])
        }
        #expect(error?.description == "--check-confinement can't go with \(command.rawValue); see aifw-privd --help")
    }

    @Test func `Help and version win over faults`() throws {
        #expect(try Options.parse(["--nonsense", "--help"]) == .help)
        #expect(try Options.parse(["--version"]) == .version)
    }

    @Test func `Help names every flag and default`() {
        let options = Options()
        for word in [
            "--socket", "--peer-user", "--user", "--state-directory", "--policy", "--wireguard", "--filter",
            "--launcher",
            "--check-confinement", options.socket, PolicyFile.standardPath,
            options.peerUser, Options.standardUser, options.stateDirectory, options.launcher,
        ] {
            #expect(Options.help.contains(word))
        }
    }
}

@Suite struct `Accounts` {
    @Test func `A number needs no entry in the user database`() throws {
        #expect(try Account("61234") == Account(user: 61234, group: 61234))
    }

    @Test(arguments: ["no-such-user-here", "", "4294967295", "4294967296", "99999999999999999999", "-1", "1 "])
    func `What is no account is refused`(text: String) {
        #expect(throws: StartupError.self) { try Account(text) }
    }
}
