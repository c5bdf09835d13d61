import Foundation
import Testing

@Suite struct `A backup's file` {
    @Test func `is not put over what has come to be at its place meanwhile, and leaves nothing beside it`() throws {
        let folder = NSTemporaryDirectory() + "aifw-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (file, passphrase) = (folder + "/a.backup", folder + "/passphrase")
        let made = FileManager.default.createFile(
            atPath: passphrase, contents: Data("a long passphrase\n".utf8), attributes: [.posixPermissions: 0o600])
        #expect(made)
        let api = FakeAPI { _ in
            _ = FileManager.default.createFile(atPath: file, contents: Data("another's".utf8))
            return FakeAPI.Answer(fields: ["Content-Type: application/octet-stream"], body: "content")
        }
        let result = try Program.run(["backup", file, "--passphrase-file", passphrase], api: api)
        #expect(result.status == 73 && result.errors.contains("File exists"), "\(result.errors)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "another's")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.backup", "passphrase"])
    }
}
