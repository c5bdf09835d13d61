import Testing

@Suite struct `The help` {
    @Test func `the exit statuses are documented`() throws {
        let result = try Program.run("--help")
        #expect(result.status == 0)
        for code in ["0 ", "1 ", "64", "65", "66", "69", "70", "73", "76", "77"] {
            #expect(result.output.contains("\n  \(code)  "), "exit status \(code)")
        }
        #expect(result.output.contains("AIFW_API_SOCKET"))
    }

    @Test func `every command is listed with what it does`() throws {
        let output = try Program.run("vpn --help").output
        for command in [
            "list", "remove", "wg-add", "wg-list", "wg-start", "wg-stop", "wg-status", "wg-peer-add", "wg-peer-list",
            "wg-config",
        ] {
            #expect(output.contains("\n  \(command) "), "\(command)")
        }
    }

    @Test(arguments: ["vpn wg-add", "vpn wg-peer-add", "vpn wg-status", "vpn wg-config", "vpn remove", "token revoke"])
    func `a command says that names will do and where the socket is`(command: String) throws {
        let output = try Program.run(command + " --help").output
        #expect(command == "vpn wg-add" || output.contains("name"))
        #expect(output.contains("--api-socket <path>"))
        #expect(output.contains("/run/aifw/api.sock"))
    }

    @Test func `a private key can't be given on the command line`() throws {
        let output = try Program.run("vpn wg-add --help").output
        #expect(output.contains("--private-key-file <path>"))
        #expect(!output.contains("--private-key <"))
    }
}
