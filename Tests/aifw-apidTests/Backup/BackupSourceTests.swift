import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct `What a backup is made from` {
    private static func source(_ server: TunnelServer) async throws -> BackupSource {
        let configuration = try await server.fixture.store.read { try $0.configuration() }
        let vault = SeedVault(folder: server.fixture.folder + "/")
        return try await BackupSource(configuration, server.plane.reader, vault, at: server.fixture.clock.now)
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
            #expect(error?.owners.count == 3 && error?.owners[1].hasPrefix("peer \"laptop\"") == true)
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
}
