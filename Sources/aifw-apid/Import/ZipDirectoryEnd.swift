/// The last record of a zip file, which says where its directory is (APPNOTE.TXT, section 4.3.16).
struct ZipDirectoryEnd {
    private static let length = 22

    /// How many entries there are.
    let count: Int
    /// Where they are listed: up to this record.
    let directory: Range<Int>

    init(_ bytes: LittleEndian) throws(ZipError) {
        let total = bytes.bytes.count
        // A comment may stand behind it. The record is the one whose comment ends with the file.
        let first = max(0, total - Self.length - Int(UInt16.max))
        var start = total - Self.length
        while start >= first, !Self.isRecord(bytes, at: start) { start -= 1 }
        guard start >= first, start >= 0, let disk = bytes.two(at: start + 4), let other = bytes.two(at: start + 6),
            let here = bytes.two(at: start + 8), let count = bytes.two(at: start + 10),
            let size = bytes.four(at: start + 12), let offset = bytes.four(at: start + 16)
        else { throw ZipError(nil, "is no zip file, or a damaged one") }
        guard count < UInt16.max, size < UInt32.max, offset < UInt32.max, !bytes.has("PK\u{6}\u{7}", at: start - 20)
        else { throw ZipError(nil, "is in the format zip64, which is for larger files than are taken here") }
        guard disk == 0, other == 0, here == count else { throw ZipError(nil, "is one part of several") }
        guard Int(offset) + Int(size) == start else { throw ZipError(nil, "is no zip file, or a damaged one") }
        self.count = Int(count)
        directory = Int(offset)..<start
    }

    private static func isRecord(_ bytes: LittleEndian, at start: Int) -> Bool {
        guard bytes.has("PK\u{5}\u{6}", at: start), let comment = bytes.two(at: start + 20) else { return false }
        return start + length + Int(comment) == bytes.bytes.count
    }
}
