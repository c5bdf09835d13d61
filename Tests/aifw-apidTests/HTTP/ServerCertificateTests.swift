import FoundationEssentials
import Glibc
import NIOSSL
import Testing
import Wire

@testable import aifw_apid

@Suite struct ServerCertificateTests {
    @Test func `a pair is made once, the key for its owner only, and used again`() throws {
        try withFolder { folder in
            let pair = ServerCertificate(certificatePath: folder + "/tls.crt", keyPath: folder + "/tls.key")
            #expect(try pair.makeUnlessPresent(names: ["localhost", "fw.example"]))
            let first = PrivateFile.read(pair.certificatePath)
            #expect(first?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
            #expect(try mode(pair.keyPath) == 0o600)
            #expect(try mode(pair.certificatePath) == 0o644)
            #expect(try !pair.makeUnlessPresent(names: ["localhost"]))
            #expect(PrivateFile.read(pair.certificatePath) == first)
            _ = try pair.load()
        }
    }

    @Test func `it names the host, the manual's name and both loopback addresses`() throws {
        try withFolder { folder in
            let pair = ServerCertificate(certificatePath: folder + "/tls.crt", keyPath: folder + "/tls.key")
            _ = try pair.makeUnlessPresent(names: ServerCertificate.names)
            let certificate = try #require(try NIOSSLCertificate.fromPEMFile(pair.certificatePath).first)
            let names = certificate._subjectAlternativeNames()
            let texts = names.map { name in name.contents.withUnsafeBufferPointer { Array($0) } }
            #expect(texts.contains(Array("localhost".utf8)))
            #expect(texts.contains(Array("aifw.local".utf8)))
            #expect(texts.contains([127, 0, 0, 1]))
            #expect(texts.contains(Array(repeating: 0, count: 15) + [1]))
        }
    }

    @Test func `a pair that is about to expire, or does not match, is made anew`() throws {
        try withFolder { folder in
            let pair = ServerCertificate(certificatePath: folder + "/tls.crt", keyPath: folder + "/tls.key")
            let longAgo = Date() - ServerCertificate.lifetime + 29 * 86_400
            #expect(try pair.makeUnlessPresent(names: ["localhost"], now: longAgo))
            #expect(try pair.makeUnlessPresent(names: ["localhost"]))
            let other = ServerCertificate(certificatePath: folder + "/other.crt", keyPath: folder + "/other.key")
            #expect(try other.makeUnlessPresent(names: ["localhost"]))
            let mixed = ServerCertificate(certificatePath: pair.certificatePath, keyPath: other.keyPath)
            #expect(throws: ListenerError.self) { try mixed.load() }
            #expect(try mixed.makeUnlessPresent(names: ["localhost"]))
            _ = try mixed.load()
        }
    }

    @Test func `a folder that is not there is named`() throws {
        let pair = ServerCertificate(certificatePath: "/nonexistent/tls.crt", keyPath: "/nonexistent/tls.key")
        let error = try #require(throws: ListenerError.self) { try pair.makeUnlessPresent(names: ["localhost"]) }
        #expect(error.description == "/nonexistent/tls.key.new: No such file or directory")
    }
}

/// Runs `body` with a folder of its own, which is removed afterwards.
func withLiveFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// The same for a body that does not wait.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

private func makeFolder() throws -> String {
    var template = Array("/tmp/aifw-test-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    return String(cString: made)
}

/// The permission bits of the file at `path`.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
}
