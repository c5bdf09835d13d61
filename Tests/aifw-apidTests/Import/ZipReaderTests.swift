import Testing
import Wire

@testable import aifw_apid

@Suite struct ZipReaderTests {
    private static func read(_ file: ZipSample) throws -> [String: String] {
        let reader = try ZipReader(Bytes(file.bytes))
        return try Dictionary(
            uniqueKeysWithValues: reader.entries.map { entry in
                let content = try reader.contents(of: entry)
                return (entry.path, content.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
            })
    }

    @Test func `what our own writer writes is read`() throws {
        var archive = ZipArchive()
        archive.add("a.conf", Bytes(Array("one".utf8)))
        archive.add("größe.conf", Bytes(capacity: 0))
        let reader = try ZipReader(archive.finish())
        #expect(reader.entries.map(\.path) == ["a.conf", "größe.conf"])
        #expect(try reader.contents(of: reader.entries[0]).withUnsafeBytes { Array($0) } == Array("one".utf8))
        #expect(try reader.contents(of: reader.entries[1]).isEmpty)
    }

    @Test func `stored and deflated entries, folders and a comment are read`() throws {
        let sample = ZipSample(
            entries: [
                .init("etc/", ""), .init("etc/a.conf", "stored"), .init("b.conf", "deflated", isDeflated: true),
                .init("c.conf", "trailing", isDeflated: true, flags: 1 << 3),
            ], comment: "PK\u{5}\u{6}")
        #expect(try Self.read(sample) == ["etc/a.conf": "stored", "b.conf": "deflated", "c.conf": "trailing"])
        #expect(try ZipReader(Bytes(sample.bytes)).entries.map(\.name) == ["a.conf", "b.conf", "c.conf"])
        #expect(try Self.read(ZipSample(entries: [])) == [:])
    }

    @Test(arguments: [
        "../a.conf", "a/../b.conf", "..", "/etc/a.conf", "a//b.conf", "./a.conf", "a/./b", "a\\b.conf", "..\\a", "C:a",
        "a\u{0}.conf", "a\nb.conf", "a\u{202E}b.conf", "",
    ])
    func `a name that leads elsewhere or can't be shown is refused`(name: String) {
        #expect(throws: ZipError.self) { try Self.read(ZipSample(entries: [.init(name, "x")])) }
    }

    @Test(arguments: [
        ("is encrypted", ZipSample.Entry("a", "x", flags: 1)), ("is encrypted", .init("a", "x", flags: 1 << 6)),
        ("is encrypted", .init("a", "x", flags: 1 << 13)), ("is packed by a method", .init("a", "x", method: 12)),
        ("is a link", .init("a", "x", attributes: 0o120777 << 16)), ("zip64", .init("a", "x", size: .max)),
        ("is damaged: its checksum", .init("a", "x", checksum: 1)),
        ("has more bytes than it says", .init("a", "xyz", isDeflated: true, size: 2)),
        ("has fewer bytes than it says", .init("a", "xyz", isDeflated: true, size: 4)),
        ("has two sizes", .init("a", "xyz", size: 4)),
        ("can't be expanded", .init("a", "xyz", packed: [7, 7, 7], method: 8)),
        ("can't be expanded", .init("a", "", packed: [], method: 8)),
        // A byte behind the end of the stream.
        ("can't be expanded", .init("a", "x", packed: [1, 1, 0, 254, 255, 120, 0], method: 8)),
    ])
    func `an entry that is not what it says is refused by name`(words: String, entry: ZipSample.Entry) {
        let error = #expect(throws: ZipError.self) { try Self.read(ZipSample(entries: [.init("b", "y"), entry])) }
        #expect(error?.entry == "a" && error?.words.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `two readers can't take it for two things`() {
        func refused(_ words: String, _ sample: ZipSample) {
            let error = #expect(throws: ZipError.self) { try Self.read(sample) }
            #expect(error?.words.contains(words) == true, "\(String(describing: error))")
        }
        refused("is in it twice", ZipSample(entries: [.init("a", "x"), .init("a", "y")]))
        // The header of the second one lies in the content of the first.
        let quoted = Array(ZipSample(entries: [.init("b", "x")]).bytes.prefix(32))
        let around = ZipSample.Entry(
            "a", "", packed: quoted, size: 32, checksum: quoted.withUnsafeBytes(CRC32.checksum))
        refused("lie over each other", ZipSample(entries: [around, .init("b", "x", offset: 31)]))
        refused("is not where", ZipSample(entries: [.init("a", "x"), .init("b", "x", offset: 0)]))
        refused("is not where", ZipSample(entries: [.init("a", "x", localName: "b")]))
        refused("is not where", ZipSample(entries: [.init("a", "x", localChecksum: 7)]))
        refused("is one part of several", ZipSample(entries: [.init("a", "x")], disk: 1))
        refused("1000 can be imported at once", ZipSample(entries: (0...1000).map { .init("\($0)", "") }))
        refused("when it is expanded", ZipSample(entries: [.init("a", "x", isDeflated: true, size: 65 << 20)]))
        refused("zip64", ZipSample(entries: [], count: .max))
    }

    @Test func `cut off or changed anywhere, it is refused or what it was`() throws {
        let whole = ZipSample(entries: [.init("a.conf", "stored"), .init("b.conf", "deflated", isDeflated: true)])
        let content = try Self.read(whole)
        for length in 0..<whole.bytes.count {
            #expect(throws: ZipError.self) { try ZipReader(Bytes(whole.bytes.prefix(length))) }
        }
        for index in whole.bytes.indices {
            var bytes = whole.bytes
            bytes[index] ^= 0x55
            guard let reader = try? ZipReader(Bytes(bytes)) else { continue }
            for entry in reader.entries {
                guard let found = try? reader.contents(of: entry) else { continue }
                let text = found.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                #expect(content.values.contains(text))
            }
        }
    }
}
