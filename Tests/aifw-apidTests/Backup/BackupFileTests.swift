import Testing
import Wire

@testable import aifw_apid

@Suite struct `The file of a backup` {
    /// Three parts and a rest, most of it one record: what is damaged before its end is not read as JSON first.
    private static func long() throws -> [UInt8] {
        let warnings = (0..<60).map { String(repeating: "x", count: 3400 + $0) }
        let counts = Dictionary(uniqueKeysWithValues: BackupRecord.Kind.allCases.map { ($0, $0 == .token ? 1 : 0) })
        let summary = BackupSummary(
            createdAt: Timestamp(milliseconds: 1), program: "test", revision: 7, counts: counts, warnings: warnings)
        let file = try BackupSamples.file([.token(TokenEntry(try BackupSamples.token()))], summary: .summary(summary))
        #expect(file.count > 3 * BackupWriter.partLength && file.count < 4 * BackupWriter.partLength)
        return file
    }

    @Test func `what was written is read again, to the last member`() throws {
        var tunnel = try BackupSamples.tunnel("Büro", address: "10.0.0.1/24, fd00::1/64")
        tunnel.dns = try DNSServers("9.9.9.9")
        tunnel.splitRoutes = try PrefixList("10.0.0.0/8")
        tunnel.endpoint = try PublicEndpoint("vpn.example.org:4500")
        tunnel.listenInterface = try InterfaceName("uplink")
        tunnel.mark = try FirewallMark(4_294_967_295)
        (tunnel.masquerade, tunnel.routes, tunnel.allowOverlap, tunnel.isEnabled) = (true, false, true, true)
        let box = RecoveryBox(bytes: [UInt8](repeating: 8, count: RecoveryBox.length))
        var peer = try BackupSamples.peer("laptop", of: tunnel)
        peer.endpoint = try PeerEndpoint("peer.example.org:51820")
        peer.clientRoutes = try PrefixList("10.0.0.0/8")
        peer.keepalive = try Keepalive(25)
        peer.expiresAt = Timestamp(milliseconds: 1_900_000_000_001)
        (peer.isEnabled, peer.allowOverlap, peer.isKeyGenerated) = (false, true, false)
        var association = try BackupSamples.association()
        association.protection = .espAndAH
        association.encryption = .aes256CBC
        association.localNetworks = try NetworkList("10.0.0.0/24")
        association.remoteNetworks = try NetworkList("10.1.0.0/24, 10.2.0.0/24")
        association.replayWindow = try ReplayWindow(32)
        let totp = UserEntry.Seed(password: try #require(OneTimePassword.random()), isConfirmed: true, lastStep: 59)
        var webhook = try BackupSamples.webhook("Büro")
        webhook.objects = try WebhookObjects(stored: "tunnel,peer")
        webhook.isEnabled = false
        let records: [BackupRecord] = [
            .tunnel(TunnelEntry(tunnel, box: box)), BackupSamples.entry(peer), BackupSamples.entry(association),
            .token(TokenEntry(try BackupSamples.token())), .user(UserEntry(try BackupSamples.user(), totp: totp)),
            BackupSamples.entry(webhook), BackupSamples.entry(try BackupSamples.webhook("all")),
        ]
        let contents = try BackupSamples.read(try BackupSamples.file(records))
        let read: [BackupRecord] =
            contents.tunnels.map { .tunnel($0) } + contents.peers.map { .peer($0) }
            + contents.associations.map { .association($0) } + contents.tokens.map { .token($0) }
            + contents.users.map { .user($0) } + contents.webhooks.map { .webhook($0) }
        #expect(read.map(\.json) == records.map(\.json))
        #expect(contents.tunnels.map(\.record) == [tunnel] && contents.peers.map(\.record) == [peer])
        #expect(contents.associations.map(\.record) == [association])
        #expect(contents.webhooks.first?.record == webhook)
        #expect(contents.summary.warnings == ["mind the gap"] && contents.summary.revision == 7)
    }

    @Test func `records go over the ends of parts, and nothing of them is there in clear`() throws {
        let tunnel = try BackupSamples.tunnel(address: "10.0.0.1/16")
        let peers = try (2..<500).map { number in
            BackupSamples.entry(
                try BackupSamples.peer("peer \(number)", of: tunnel, "10.0.\(number / 200).\(1 + number % 200)/32"))
        }
        let file = try BackupSamples.file([.tunnel(TunnelEntry(tunnel, box: nil))] + peers)
        #expect(file.count > 3 * BackupWriter.partLength)
        #expect(try BackupSamples.read(file).peers.map(\.record.name.description) == (2..<500).map { "peer \($0)" })
        let text = String(decoding: file, as: UTF8.self)
        #expect(!text.contains("peer") && !text.contains("office"))
    }

    @Test func `one that is cut anywhere is refused`() throws {
        let file = try Self.long()
        var ends = Array(stride(from: 0, to: file.count, by: 2003)) + Array(0...200) + [file.count - 1]
        var position = BackupHead.length
        while position < file.count {
            ends += [position - 1, position, position + 1, position + 4, position + 5].filter { $0 < file.count }
            position += 4 + file[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        #expect(position == file.count && ends.count > 300)
        for end in ends {
            let fault = try BackupSamples.fault(Array(file[..<end]))
            switch end {
            case ...BackupHead.magic.count: #expect(fault == .foreign, "\(end)")
            default:
                guard case .damaged = fault else {
                    Issue.record("cut at \(end): \(String(describing: fault))")
                    continue
                }
            }
        }
    }

    @Test func `one of which any bit was changed is refused`() throws {
        let file = try Self.long()
        let places = Array(0..<BackupHead.length + 64) + Array(stride(from: 200, to: file.count, by: 997))
        for place in places {
            var changed = file
            changed[place] ^= 1 << (place % 8)
            let fault = try BackupSamples.fault(changed)
            #expect(fault != nil, "byte \(place)")
            if place >= BackupHead.length, case .damaged? = fault { continue }
            #expect(place < BackupHead.length, "byte \(place): \(String(describing: fault))")
        }
    }

    @Test func `parts that change places, are left out or come from another file are refused`() throws {
        let (file, other) = (try Self.long(), try Self.long())
        let part = 4 + BackupWriter.partLength + BackupWriter.overhead
        let start = BackupHead.length
        let (first, second) = (start..<start + part, start + part..<start + 2 * part)
        var swapped = file
        swapped.replaceSubrange(first, with: file[second])
        swapped.replaceSubrange(second, with: file[first])
        var missing = file
        missing.removeSubrange(first)
        var foreign = file
        foreign.replaceSubrange(second, with: other[second])
        let mixed = Array(file[..<start]) + other[start...]
        for damaged in [swapped, missing, foreign, file + [0], file + file, mixed] {
            guard case .damaged = try BackupSamples.fault(damaged) else {
                Issue.record("taken, or refused for something else")
                continue
            }
        }
    }

    @Test func `another passphrase does not open it, and is told apart from damage`() throws {
        let file = try BackupSamples.file([])
        #expect(try BackupSamples.fault(file) == nil)
        #expect(try BackupSamples.fault(file, "a passphrase for tests.") == .wrongPassphrase)
    }

    @Test(arguments: [[], Array("PK\u{3}\u{4}".utf8), Array("SQLite format 3\0".utf8), Array("AIFW-VP".utf8), [0]])
    func `what is another program's is no backup`(file: [UInt8]) throws {
        #expect(try BackupSamples.fault(file) == .foreign)
        #expect(try BackupSamples.fault(file + [UInt8](repeating: 1, count: 500)) == .foreign)
    }

    @Test(arguments: [0, 2, 255] as [UInt8]) func `another version of the format is named`(version: UInt8) throws {
        var file = try BackupSamples.file([])
        file[BackupHead.magic.count] = version
        #expect(try BackupSamples.fault(file) == .version(version))
        let words = BackupError.version(version).problem.detail
        #expect(words.contains(version == 0 ? "no version has written" : "format \(version)"))
    }

    @Test func `a key that would take too long or too much is not made`() throws {
        let file = try BackupSamples.file([])
        let costs: [(UInt32, UInt32)] = [(0, 8), (9, 8), (1, 7), (1, 524_289), (.max, .max)]
        for (passes, kibibytes) in costs {
            var greedy = file
            greedy.replaceSubrange(9..<17, with: BackupHead.bytes(of: passes) + BackupHead.bytes(of: kibibytes))
            #expect(try BackupSamples.fault(greedy) == .cost)
        }
    }

    @Test(arguments: [
        "", "elevenchars", String(repeating: "x", count: 1025), "sechzehn Zeichen ü", "with\u{7F}control chars",
    ])
    func `a passphrase is 12 to 1024 printable characters`(text: String) {
        #expect(throws: ValueError.self) { try BackupPassphrase(text) }
        #expect(throws: Never.self) { try BackupPassphrase("twelve chars") }
    }
}
