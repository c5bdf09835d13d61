import Daemon
import FilterRules
import Glibc
import Testing
import Wire

@testable import aifw_launcher
@testable import aifw_privd

/// The anchor in pf: the helper's side, the launcher, and a stand-in for pfctl that keeps the rules in a file.
@Suite struct `The anchor by pfctl` {
    let stand: StandInPfctl
    let rig: LauncherRig
    let filter: Pf
    let tunnel = ObjectID.random()
    let association = ObjectID.random()

    init() throws {
        stand = try StandInPfctl()
        rig = LauncherRig(pfctl: stand.pfctl)
        filter = Pf(pfctl: rig.launcher)
    }

    private func listen(_ port: Int) throws -> PassRule {
        .listenPort(owner: tunnel, port: try Port(port), on: nil)
    }

    private func ike(_ owner: ObjectID? = nil) throws -> PassRule {
        .keyExchange(
            owner: owner ?? association, local: try IPAddress("203.0.113.1"), remote: try IPAddress("198.51.100.1"))
    }

    private func read() throws -> [String] {
        var parts: [String] = []
        try filter.read { page in
            #expect(page.isWhole)
            parts += page.parts
        }
        return parts
    }

    private func parts(_ rules: [PassRule]) -> [String] { rules.flatMap { $0.parts(with: .pf) } }

    @Test func `What is loaded is read back, and a reset takes the rest away`() throws {
        defer { rig.finish() }
        #expect(try read() == [])
        try filter.apply(ApplyRules(reset: true, add: [listen(51820), ike()]))
        #expect(stand.loaded == PFText.anchor([try listen(51820), try ike()]))
        #expect(try read() == parts([try listen(51820), try ike()]))
        try filter.apply(ApplyRules(reset: true, add: [listen(51821)]))
        #expect(try read() == parts([try listen(51821)]))
        try filter.apply(ApplyRules(reset: true))
        #expect(stand.loaded == "")
    }

    @Test func `A change leaves the rules of others, and may be asked for again`() throws {
        defer { rig.finish() }
        let other = ObjectID.random()
        try filter.apply(ApplyRules(reset: true, add: [listen(51820), ike(), ike(other)]))
        for _ in 0..<2 {
            try filter.apply(ApplyRules(remove: [listen(51820), ike()], add: [listen(51821)]))
            #expect(try read() == parts([try ike(other), try listen(51821)]))
        }
        try filter.apply(ApplyRules())
        try filter.apply(ApplyRules(remove: [ike(other), listen(51821), listen(7)]))
        #expect(try read() == [])
    }

    @Test func `What translates is loaded before what passes, and read back with it`() throws {
        defer { rig.finish() }
        let masquerade = PassRule.masquerade(
            owner: tunnel, network: try Prefix("10.0.0.0/24"), on: try TunnelInterface(number: 0))
        try filter.apply(ApplyRules(reset: true, add: [listen(51820), ike()]))
        try filter.apply(ApplyRules(add: [masquerade]))
        #expect(try read() == parts([masquerade, try listen(51820), try ike()]))
        #expect(stand.loaded.hasPrefix("nat on egress inet from 10.0.0.0/24 to any tag mq:\(tunnel):"))
        // A change of something else loads again what pf printed of it.
        try filter.apply(ApplyRules(remove: [ike()]))
        #expect(try read() == parts([masquerade, try listen(51820)]))
        try filter.apply(ApplyRules(remove: [masquerade]))
        #expect(stand.loaded == PFText.anchor([try listen(51820)]))
    }

    @Test func `What pf refuses leaves what was there, and pfctl's words are the refusal's`() throws {
        defer { rig.finish() }
        try filter.apply(ApplyRules(reset: true, add: [listen(51820)]))
        let before = stand.loaded
        let refusal = #expect(throws: Refusal.self) { try filter.apply(ApplyRules(add: [listen(51821), listen(666)])) }
        #expect(
            refusal
                == Refusal(
                    .filter,
                    "pf refused the rules: stdin:3: syntax error; pfctl: Syntax error in config file: pf rules not loaded"
                ))
        #expect(stand.loaded == before)
    }

    @Test func `As many rules as a host may have go through in pieces`() throws {
        defer { rig.finish() }
        let rules = try (0..<ApplyRules.limit).map { number in
            PassRule.protectedPackets(
                owner: association, .esp, local: try IPAddress("2001:db8:1111:2222:3333:4444:5555:6666"),
                remote: try IPAddress("2001:db8:1111:2222:3333:4444:6666:\(String(number + 1, radix: 16))"))
        }
        try filter.apply(ApplyRules(reset: true, add: rules))
        #expect(stand.loaded.utf8.count > 700_000)
        #expect(try read() == parts(rules))
        try filter.apply(ApplyRules(remove: Array(rules.dropFirst())))
        #expect(try read() == parts([rules[0]]))
    }

    @Test func `A text that is too long is refused before anybody is asked`() throws {
        defer { rig.finish() }
        let refusal = #expect(throws: Refusal.self) {
            try rig.launcher.load(String(repeating: "x", count: Packets.textLimit + 1))
        }
        #expect(refusal?.code == .limit)
    }

    @Test func `A text that does not come whole is not loaded, and the launcher goes on`() throws {
        let packets = Packets(descriptor: UnixSocket.make(.packets))
        #expect(UnixSocket.withAddress("\(rig.folder.path)/launcher.sock") { connect(packets.descriptor, $0, $1) } == 0)
        #expect(packets.send(LauncherRequest.loadAnchor(length: 100).bytes))
        #expect(packets.send(text: Array("pass label \"x\"\n".utf8), within: 1_000))
        close(packets.descriptor)
        #expect(try read() == [])
        rig.finish()
        #expect(rig.journal == ["closed a connection of process \(getpid()): not all of its text came"])
    }

    @Test func `Without a pfctl the refusal says what the launcher lacks`() throws {
        defer { rig.finish() }
        let bare = LauncherRig()
        defer { bare.finish() }
        let refusal = #expect(throws: Refusal.self) { _ = try bare.launcher.show() }
        #expect(
            refusal
                == Refusal(
                    .launcher, "pfctl can't be started: aifw-launcher was started without --pfctl", errno: EOPNOTSUPP))
    }

    @Test(arguments: [
        ("exit 3", Refusal(.filter, "pf does not show its rules: pfctl ended with status 3")),
        ("kill -9 $$", Refusal(.launcher, "pfctl was ended by signal 9")),
        ("exec sleep 60", Refusal(.launcher, "pfctl did not end in time and was ended")),
        ("echo 'pfctl: an Error'>&2", Refusal(.filter, "pf does not show its rules: pfctl: an Error")),
        ("yes 2>/dev/null; exit 0", Refusal(.launcher, "pfctl can't be run: File too large", errno: EFBIG)),
    ])
    func `A pfctl that fails, dies, hangs, warns or never ends is told of`(script: String, expected: Refusal) throws {
        defer { rig.finish() }
        rig.folder.write("bad", Array("#!/bin/sh\n\(script)\n".utf8), mode: 0o755)
        let bad = LauncherRig(
            pfctl: Pfctl(program: "\(rig.folder.path)/bad", patience: script.contains("sleep") ? 300 : 5_000))
        defer { bad.finish() }
        let refusal = #expect(throws: Refusal.self) { _ = try bad.launcher.show() }
        #expect(refusal == expected)
    }

    @Test func `The launcher's device is an option of its pfctl`() throws {
        guard
            case .serve(let options) = try aifw_launcher.Options.parse([
                "--pfctl", "/sbin/pfctl", "--pf-device=/dev/pf1",
            ])
        else { throw StartupError("it should serve") }
        #expect(options.pfctl == "/sbin/pfctl" && options.device == "/dev/pf1")
        let error = #expect(throws: StartupError.self) { try aifw_launcher.Options.parse(["--pf-device", "/dev/pf"]) }
        #expect(error?.description == "--pf-device needs --pfctl; see aifw-launcher --help")
    }
}
