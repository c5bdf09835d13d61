import Foundation
import Testing
import Wire

@testable import aifw_apid

@Suite struct ZipArchiveTests {
    @Test func `the checksum is that of the test vector`() {
        // ECMA-182 and others give it for the nine digits.
        #expect(Array("123456789".utf8).withUnsafeBytes(CRC32.checksum) == 0xCBF4_3926)
        #expect([UInt8]().withUnsafeBytes(CRC32.checksum) == 0)
    }

    @Test func `somebody else's reader gets out what was put in`() async throws {
        var archive = ZipArchive()
        archive.add("laptop.conf", Bytes(Array("[Interface]\n".utf8)))
        archive.add("empty.conf", Bytes(capacity: 0))
        archive.add("größe.conf", Bytes([0, 255, 10, 13]))
        let file = FileManager.default.temporaryDirectory.appending(path: "\(ObjectID.random()).zip").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let bytes = archive.finish()
        try bytes.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
        let program = """
            import sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            for info in archive.infolist():
                print(info.filename, info.compress_type, oct(info.external_attr >> 16), archive.read(info))
            """
        let said = try await Curl.run("/usr/bin/python3", ["-c", program, file])
        #expect(
            said == """
                laptop.conf 0 0o100600 b'[Interface]\\n'
                empty.conf 0 0o100600 b''
                größe.conf 0 0o100600 b'\\x00\\xff\\n\\r'

                """)
    }

    @Test func `an archive of nothing is one`() {
        let bytes = ZipArchive().finish()
        #expect(bytes.withUnsafeBytes { Array($0) } == [0x50, 0x4B, 5, 6] + Array(repeating: 0, count: 18))
    }

    @Test func `no name comes twice, and each stays one that wg-quick takes`() throws {
        var names = UniqueFileNames()
        let given = [
            "laptop", "Laptop", "laptop", "../laptop", "a very long name indeed", "a very long name too", "é", "ü",
        ]
        #expect(
            try given.map { names.next(for: try ObjectName($0)) } == [
                "laptop.conf", "Laptop-2.conf", "laptop-3.conf", "laptop-4.conf", "a-very-long-nam.conf",
                "a-very-long-n-2.conf", "peer.conf", "peer-2.conf",
            ])
        for number in 0..<1000 {
            let name = names.next(for: try ObjectName("peer \(number % 7)"))
            #expect(name.count <= 20)
        }
    }
}
