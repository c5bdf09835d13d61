import Daemon
import Glibc
import Testing
import Wire

@testable import aifw_privd

@Suite struct `The policy file` {
    private let folder = TemporaryFolder()
    private var path: String { "\(folder.path)/policy" }

    private func words(_ text: String = "{}", mode: mode_t = 0o644, owner: uid_t = geteuid()) -> String? {
        folder.write("policy", Array(text.utf8), mode: mode)
        return #expect(throws: StartupError.self) { try PolicyFile.read(path, owner: owner) }?.description
    }

    @Test func `It is read, whatever of it is left out`() throws {
        folder.write("policy", Array(#"{"routes": {"limit": 7}, "host_networks": "allow"}"#.utf8), mode: 0o640)
        let policy = try #require(try PolicyFile.read(path, owner: geteuid()))
        #expect(policy.limit(of: .routes) == 7)
        #expect(policy.hostNetworks == .allow)
        #expect(try PolicyFile.read(nil, standardPath: path, owner: geteuid()) == policy)
    }

    @Test func `At its usual place there may be none`() throws {
        #expect(try PolicyFile.read(nil, standardPath: path) == nil)
        #expect(try PolicyFile.read(nil, standardPath: "\(folder.path)/no/such/folder") == nil)
    }

    @Test func `One that was asked for must be there`() {
        let error = #expect(throws: StartupError.self) { try PolicyFile.read(path) }
        #expect(error?.description == "can't open the policy file \(path): No such file or directory")
        #expect(error?.exitStatus == 1)
    }

    @Test func `A link is not followed, at the usual place either`() {
        folder.write("real", Array("{}".utf8), mode: 0o644)
        symlink("\(folder.path)/real", path)
        let words = "\(path) is a symbolic link; it must be the file itself"
        #expect(throws: StartupError(words)) { try PolicyFile.read(path, owner: geteuid()) }
        #expect(throws: StartupError(words)) { try PolicyFile.read(nil, standardPath: path, owner: geteuid()) }
    }

    @Test func `Neither a folder nor a pipe is one`() {
        let words = " is no regular file"
        #expect(throws: StartupError(folder.path + words)) { try PolicyFile.read(folder.path, owner: geteuid()) }
        mkfifo(path, 0o600)
        #expect(throws: StartupError(path + words)) { try PolicyFile.read(path, owner: geteuid()) }
    }

    @Test func `It is its owner's alone to write`() {
        #expect(
            words(owner: geteuid() + 1)
                == "\(path) belongs to user \(geteuid()), who could change what the helper allows; "
                + "remedy: chown \(geteuid() + 1) \(path)")
        for mode: mode_t in [0o664, 0o646, 0o666, 0o620] {
            #expect(
                words(mode: mode)
                    == "\(path) has mode 0\(String(mode, radix: 8)): others than its owner can write it; "
                    + "remedy: chmod go-w \(path)")
        }
    }

    @Test func `It has 64 KiB at most`() throws {
        let room = PolicyFile.limit - 2
        #expect(
            words("{\(String(repeating: " ", count: room + 1))}")
                == "\(path) has more than 65536 bytes; a policy needs far less")
        folder.write("policy", Array("{\(String(repeating: " ", count: room))}".utf8), mode: 0o644)
        #expect(try PolicyFile.read(path, owner: geteuid()) == .standard)
    }

    @Test(arguments: [
        ("", " is not JSON as RFC 8259 has it: the text ends too soon at byte 0; correct it, or remove it"),
        ("{} x", " is not JSON as RFC 8259 has it: something follows the value at byte 3; correct it, or remove it"),
        (
            #"{"routes":{},"routes":{}}"#,
            #" is not JSON as RFC 8259 has it: member "routes" is given twice at byte 13; correct it, or remove it"#
        ),
        ("[]", ": must be an object, not an array; correct it, or remove the file"),
        (#"{"route":{}}"#, #": no such member: "route"; correct it, or remove the file"#),
        (
            #"{"tunnels":{"networks":["10.0.0.1/8"]}}"#,
            ": tunnels.networks[0] has bits set behind its length: 10.0.0.1/8; 10.0.0.0/8 or 10.0.0.1/32 was probably "
                + "meant; correct it, or remove the file"
        ),
        (
            #"{"host_networks":"maybe"}"#,
            #": host_networks must be one of "refuse", "allow", not "maybe"; correct it, or remove the file"#
        ),
    ])
    func `What it says wrongly is told with its place`(text: String, told: String) {
        #expect(words(text) == path + told)
    }
}
