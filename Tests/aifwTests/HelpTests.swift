import Foundation
import Testing

@testable import aifw

@Suite struct `The help` {
    @Test func `the exit statuses are documented`() throws {
        let result = try Program.run("--help")
        #expect(result.status == 0)
        for code in ["0 ", "1 ", "64", "65", "66", "69", "70", "73", "76", "77", "130"] {
            #expect(result.output.contains("\n  \(code)  "), "exit status \(code)")
        }
        #expect(result.output.contains("AIFW_API_SOCKET"))
    }

    @Test func `every command is listed with what it does`() throws {
        let output = try Program.run("vpn --help").output
        for command in [
            "list", "remove", "wg-add", "wg-list", "wg-edit", "wg-start", "wg-stop", "wg-status", "wg-traffic",
            "wg-peer-add",
            "wg-peer-list", "wg-peer-edit", "wg-peer-enable", "wg-peer-disable", "wg-peer-remove", "wg-rotate",
            "wg-config", "wg-import", "rules", "ipsec-add", "ipsec-list", "ipsec-edit", "ipsec-start", "ipsec-stop",
            "ipsec-status",
            "ipsec-config",
        ] {
            #expect(output.contains("\n  \(command) "), "\(command)")
        }
    }

    @Test func `the version is told`() throws {
        let result = try Program.run("--version")
        #expect(result.status == 0)
        #expect(result.output == "aifw 0.1.0\n")
    }

    @Test(arguments: [
        "vpn wg-add", "vpn wg-edit", "vpn wg-peer-add", "vpn wg-peer-edit", "vpn wg-peer-enable", "vpn wg-peer-disable",
        "vpn wg-peer-remove", "vpn wg-rotate", "vpn wg-status", "vpn wg-traffic", "vpn wg-config", "vpn remove",
        "token revoke",
        "vpn ipsec-edit", "vpn ipsec-start", "vpn ipsec-stop", "vpn ipsec-status", "vpn ipsec-config",
    ])
    func `a command says that names will do and where the socket is`(command: String) throws {
        let output = try Program.run(command + " --help").output
        #expect(command == "vpn wg-add" || output.contains("name"))
        #expect(output.contains("--api-socket <path>"))
        #expect(output.contains("/run/aifw/api.sock"))
    }

    @Test(arguments: ["vpn wg-edit", "vpn wg-peer-edit"])
    func `what can be cleared is named`(command: String) throws {
        let output = try Program.run(command + " --help").output
        let names =
            command == "vpn wg-edit"
            ? WGEdit.clearable.map { WGEdit.flags[$0] } : WGPeerEdit.clearable.map { WGPeerEdit.flags[$0] }
        let start = try #require(output.range(of: "--clear <options>"))
        for name in names {
            let name = try #require(name)
            #expect(output[start.upperBound...].contains(name.dropFirst(2)), "\(name)")
        }
    }

    @Test(arguments: ["vpn ipsec-add", "vpn ipsec-edit"])
    func `a key of an association can't be given on the command line`(command: String) throws {
        let output = try Program.run(command + " --help").output
        #expect(output.contains("--from <file>"))
        #expect(!output.contains("key <") && !output.contains("keys <") && !output.contains("key-in"))
    }

    @Test(arguments: ["vpn wg-add", "vpn wg-edit"])
    func `a private key can't be given on the command line`(command: String) throws {
        let output = try Program.run(command + " --help").output
        #expect(output.contains("--private-key-file <path>"))
        #expect(!output.contains("--private-key <"))
    }
}
