import Foundation
import Logging
import NIOSSL
import Testing

@testable import aifw_apid

@Suite struct CertificateUpkeepTests {
    private static let table: [Route] = [.get("/open", .open) { _ in .message("here") }]
    private let log = RecordedLog()

    private func pair(_ folder: String, _ name: String) -> ServerCertificate {
        ServerCertificate(certificatePath: "\(folder)/\(name).crt", keyPath: "\(folder)/\(name).key")
    }

    /// The certificate that a new connection is shown, by openssl(1), as PEM.
    private func shown(_ server: LiveServer) async throws -> String {
        let text = try await Curl.run(
            "/usr/bin/openssl", ["s_client", "-connect", server.address, "-servername", "localhost"])
        let start = try #require(text.range(of: "-----BEGIN CERTIFICATE-----"))
        let end = try #require(text.range(of: "-----END CERTIFICATE-----"))
        return String(text[start.lowerBound..<end.upperBound])
    }

    private func text(_ pair: ServerCertificate) -> String {
        PrivateFile.read(pair.certificatePath)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }

    private func copy(_ from: String, _ to: String) throws {
        try PrivateFile.replace(to, with: #require(PrivateFile.read(from)), mode: 0o600)
    }

    @Test func `a certificate that was put in the place of another one is shown after a reload`() async throws {
        try await LiveServer.with(Self.table) { [log] server in
            let (given, other) = (pair(server.folder, "tls"), pair(server.folder, "other"))
            let upkeep = CertificateUpkeep(
                certificate: given, isOwn: false, identity: server.identity, logger: log.logger)
            let former = text(given)
            #expect(try await shown(server) == former)
            _ = try other.makeUnlessPresent(names: ["localhost"])
            try copy(other.keyPath, given.keyPath)
            try copy(other.certificatePath, given.certificatePath)
            #expect(try await shown(server) == former, "nothing happens without being asked for")
            upkeep.reload()
            #expect(try await shown(server) == text(other))
            #expect(try await server.remote("/open").status == 200)
            #expect(log.lines.map(\.message) == ["read the certificate again"])
            #expect(log.lines[0].level == .notice)
        }
    }

    @Test(arguments: ["a key of another one", "no PEM", "no file", "only half of it"])
    func `what can't be used is told, and the former one stays`(fault: String) async throws {
        try await LiveServer.with(Self.table) { [log] server in
            let given = pair(server.folder, "tls")
            let former = text(given)
            switch fault {
            case "a key of another one":
                _ = try pair(server.folder, "other").makeUnlessPresent(names: ["localhost"])
                try copy(server.folder + "/other.key", given.keyPath)
            case "no PEM": try PrivateFile.replace(given.certificatePath, with: "hello", mode: 0o600)
            case "no file": try FileManager.default.removeItem(atPath: given.keyPath)
            default: try PrivateFile.replace(given.certificatePath, with: String(former.prefix(300)), mode: 0o600)
            }
            CertificateUpkeep(certificate: given, isOwn: false, identity: server.identity, logger: log.logger).reload()
            #expect(try await shown(server) == former)
            #expect(log.lines.map(\.message) == ["a certificate can't be used, the former one stays"])
            #expect(log.lines[0].level == .error)
            #expect(log.lines[0].metadata["error"].map { "\($0)".contains(given.keyPath) } == true)
        }
    }

    @Test func `our own is made anew when it has 30 days left, and not before`() async throws {
        try await LiveServer.with(Self.table) { [log] server in
            let own = pair(server.folder, "tls")
            let former = text(own)
            let end = try own.load().end
            func upkeep(_ now: Date) -> CertificateUpkeep {
                CertificateUpkeep(
                    certificate: own, isOwn: true, identity: server.identity, logger: log.logger, now: { now })
            }
            upkeep(end - 31 * 86_400).check()
            #expect(text(own) == former && log.lines.isEmpty)
            upkeep(end - 29 * 86_400).check()
            #expect(text(own) != former)
            #expect(try await shown(server) == text(own))
            #expect(log.lines.map(\.message) == ["made a new certificate, for the former one ends soon"])
            #expect(try own.load().end > end)
        }
    }

    @Test func `a given one is never made anew, but the log says that it ends`() async throws {
        try await LiveServer.with(Self.table) { [log] server in
            let given = pair(server.folder, "tls")
            let former = text(given)
            let end = try given.load().end
            for days in [-31.0, -29, 1] {
                CertificateUpkeep(
                    certificate: given, isOwn: false, identity: server.identity, logger: log.logger,
                    now: { end + days * 86_400 }
                ).check()
            }
            #expect(text(given) == former)
            #expect(log.lines.map(\.message) == ["the certificate ends soon", "the certificate has ended"])
        }
    }

    @Test func `a given one that was renewed in its file alone is told of by the end of what is shown`() async throws {
        try await LiveServer.with(Self.table) { [log] server in
            let (given, other) = (pair(server.folder, "tls"), pair(server.folder, "other"))
            let end = try given.load().end
            _ = try other.makeUnlessPresent(names: ["localhost"], now: end - 60 * 86_400)
            try copy(other.keyPath, given.keyPath)
            try copy(other.certificatePath, given.certificatePath)
            func upkeep(_ now: Date) -> CertificateUpkeep {
                CertificateUpkeep(
                    certificate: given, isOwn: false, identity: server.identity, logger: log.logger, now: { now })
            }
            upkeep(end - 31 * 86_400).check()
            #expect(log.lines.isEmpty)
            upkeep(end - 29 * 86_400).check()
            let newer = "the certificate's file has a newer one, which is shown after a reload"
            #expect(log.lines.map(\.message) == ["the certificate ends soon", newer])
            upkeep(end - 29 * 86_400).reload()
            upkeep(end + 86_400).check()
            #expect(log.lines.dropFirst(2).map(\.message) == ["read the certificate again"])
        }
    }
}
