import CLinux
import FilterRules
import Foundation
import KernelMessages
import Testing
import Wire

@testable import aifw_privd

/// The anchor of this network namespace: the helper's side of it, rules to put there, and nft(8) for whoever else uses it.
struct NftablesHost {
    let filter: Nftables
    let tunnel = ObjectID.random()
    let association = ObjectID.random()

    /// An empty ruleset.
    init() throws {
        try nft("flush ruleset")
        filter = try Nftables(NftablesAnchor(try Netlink(bus: NETLINK_NETFILTER)))
    }

    func read() throws -> (isWhole: Bool, parts: [String]) {
        var (isWhole, parts, ended) = (true, [String](), false)
        try filter.read { page in
            #expect(!ended)
            isWhole = isWhole && page.isWhole
            parts += page.parts
            ended = !page.more
        }
        #expect(ended)
        return (isWhole, parts.sorted())
    }

    func tunnelRules(_ number: Int = 0) throws -> [PassRule] {
        [
            .listenPort(owner: tunnel, port: try Port(51820 + number), on: nil),
            .tunnelTraffic(owner: tunnel, on: try TunnelInterface(number: number)),
        ]
    }

    /// For two networks, one of a single address.
    func masquerade(_ number: Int = 0) throws -> [PassRule] {
        let interface = try TunnelInterface(number: number)
        return try ["10.\(number).0.0/24", "10.99.0.\(number + 1)/32", "fd00:\(number + 1)::/64"].map {
            .masquerade(owner: tunnel, network: try Prefix($0), on: interface)
        }
    }

    func associationRules(
        _ owner: ObjectID? = nil, number: UInt32 = 1, _ remote: String = "198.51.100.1"
    ) throws -> [PassRule] {
        let owner = owner ?? association
        let remote = try IPAddress(remote)
        let local = try IPAddress(remote.family == .v4 ? "203.0.113.1" : "2001:db8::1")
        let near = try Prefix(remote.family == .v4 ? "10.1.0.0/16" : "2001:db8:1::/48")
        let far = try Prefix(remote.family == .v4 ? "10.2.0.0/16" : "2001:db8:2::/48")
        return [
            .protectedPackets(owner: owner, .esp, local: local, remote: remote),
            .keyExchange(owner: owner, local: local, remote: remote),
            .innerTraffic(owner: owner, number: AssociationNumber(validated: number), local: near, remote: far),
        ]
    }

    /// 400 rules, as those of a hundred tunnels and associations of the longest names.
    func batch(_ number: Int) throws -> [PassRule] {
        var rules: [PassRule] = []
        for index in 0..<80 {
            rules += try tunnelRules(number * 80 + index)
            let remote = "2001:db8:ffff:ffff:ffff:ffff:\(number + 1):\(index + 1)"
            rules += try associationRules(number: UInt32(number * 80 + index + 1), remote)
        }
        return rules
    }

    /// What ``read()`` tells of them if they are all that is there.
    func parts(_ rules: [PassRule]) -> [String] { Set(rules.flatMap { $0.parts(with: .nftables) }).sorted() }

    /// packaging/nftables.conf.
    static func shipped() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return try String(contentsOf: root.appending(path: "packaging/nftables.conf"), encoding: .utf8)
    }
}

/// Runs a script of nft's, and gives back what it prints.
@discardableResult
func nft(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/sbin/nft")
    process.arguments = ["-n", "-f", "-"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("\(script)\n".utf8))
    try input.fileHandleForWriting.close()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "nft refused: \(script)")
    return String(decoding: printed, as: UTF8.self)
}
