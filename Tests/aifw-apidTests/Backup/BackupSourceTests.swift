import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct `What a backup is made from` {
    private static func source(
        _ server: TunnelServer, pause: @escaping PatientReveal.Pause = { throw CancellationError() }
    ) async throws -> BackupSource {
        let configuration = try await server.fixture.store.read { try $0.configuration() }
        let vault = SeedVault(folder: server.fixture.folder + "/")
        return try await BackupSource(
            configuration, server.plane.reader, vault, at: server.fixture.clock.now, pause: pause)
    }

    private static func kinds(_ source: BackupSource) async throws -> [BackupRecord.Kind?] {
        var kinds: [BackupRecord.Kind?] = []
        try await source.records { kinds.append($0.kind) }
        return kinds
    }

    @Test func `whoever has a secret that does not open is named before the file begins`() async throws {
        try await TunnelServer.with { server in
            let tunnel = try await server.tunnel()
            for name in ["laptop", "phone"] {
                let body = #"{"name":"\#(name)"}"#
                #expect(try await server.ask("POST", tunnel.path + "/peers", body).status == 201)
            }
            server.helper.state.withLock { $0.keys = [SealingKeyID(bytes: [UInt8](repeating: 9, count: 8))!] }
            let error = await #expect(throws: BackupSource.Unreadable.self) { try await Self.source(server) }
            let owners = error?.owners.map { $0.prefix { $0 != "(" } }.sorted()
            #expect(owners == ["peer \"laptop\" ", "peer \"phone\" ", "tunnel \"office\" "])
            #expect(error?.problem.detail.contains("tunnel \"office\"") == true)
            #expect(!server.helper.kinds.contains(.reveal))
        }
    }

    @Test func `tunnels whose keys nobody could have elsewhere are named`() async throws {
        try await TunnelServer.with { server in
            _ = try await server.tunnel("Zweigstelle")
            let warnings = try await Self.source(server).summary.warnings
            #expect(warnings.count == 1 && warnings[0].contains("\"Zweigstelle\" (wg0)"))
        }
    }

    @Test func `a webhook's secret is opened, and one that does not open is named`() async throws {
        try await TunnelServer.with { server in
            let vault = SeedVault(folder: server.fixture.folder + "/")
            var webhook = try BackupSamples.webhook()
            webhook.sealedSecret = try vault.seal(BackupSamples.webhookSecret, of: webhook.id)
            let stored = webhook
            _ = try await server.fixture.store.write { try $0.insert(stored, by: .tester) }
            var secrets: [JSON?] = []
            try await Self.source(server).records { record in
                if case .webhook(let entry) = record { secrets.append(entry.secret.json) }
            }
            #expect(secrets == [BackupSamples.webhookSecret.json])
            var broken = stored
            broken.sealedSecret = [1, 2, 3]
            let wanted = broken
            _ = try await server.fixture.store.write { try $0.update(wanted, by: .tester) }
            let error = await #expect(throws: BackupSource.Unreadable.self) { try await Self.source(server) }
            #expect(error?.owners == ["webhook \"inventory\" (\(stored.id))"])
        }
    }

    @Test func `what the helper does not open yet is waited for, however little comes at once`() async throws {
        try await TunnelServer.with { server in
            let tunnel = try await server.tunnel()
            let peers = (0..<120).map { #"{"name":"peer \#($0)"}"# }.joined(separator: ",")
            let body = #"{"peers":[\#(peers)]}"#
            #expect(try await server.ask("POST", tunnel.path + "/peers/bulk", body).status == 201)
            server.helper.state.withLock { $0.revealsLeft = 0 }
            let pauses = Mutex(0)
            // Others leave three a second, then so many as there are.
            let source = try await Self.source(server) {
                let count = pauses.withLock { count in
                    count += 1
                    return count
                }
                guard count < 1000 else { throw CancellationError() }
                server.helper.state.withLock { $0.revealsLeft = ($0.revealsLeft ?? 0) + (count < 40 ? 3 : 50) }
            }
            let kinds = try await Self.kinds(source)
            #expect(kinds.count(where: { $0 == .peer }) == 120)
            #expect((2..<200).contains(pauses.withLock { $0 }))
        }
    }

    /// The server ends only when the request has.
    @Test(.timeLimit(.minutes(5))) func `nobody waits for the helper once the client has gone`() async throws {
        try await TunnelServer.with { server in
            let tunnel = try await server.tunnel()
            #expect(try await server.ask("POST", tunnel.path + "/peers", #"{"name":"laptop"}"#).status == 201)
            server.helper.state.withLock { $0.revealsLeft = 0 }
            let request =
                "GET /api/v1/backup HTTP/1.1\r\nHost: localhost\r\nBackup-Passphrase: a passphrase for tests\r\n\r\n"
            try await RawConnection.hold(request, at: server.server.socket) {
                while !server.helper.kinds.contains(.reveal) { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }
}
