import Wire

/// A zip file that somebody sent, read strictly (PKWARE's APPNOTE.TXT 6.3.10): what two readers could take for two different
/// things is refused.
///
/// Entries are stored or deflated. There is no zip64, no encryption, no second disk, no link, no name twice, no name that
/// leads elsewhere, and nothing that lies over something else: of a bomb made of overlapping entries (Fifield, 2019)
/// not one byte is expanded. What the entries say that they have in all is known before the first is expanded
/// (``ZipReader/contents(of:)``), and not one byte more is.
struct ZipReader: Sendable {
    static let entryLimit = 1000
    /// The most bytes that all entries have when they are expanded.
    static let expandedLimit = 64 << 20
    private static let nameLimit = 1024

    /// In the order of the directory, without folders.
    let entries: [ZipEntry]
    let archive: Bytes

    init(_ archive: Bytes) throws(ZipError) {
        self.archive = archive
        entries = try archive.withUnsafeBytes { (bytes) throws(ZipError) in try Self.entries(LittleEndian(bytes: bytes))
        }
    }

    private static let broken = ZipError(nil, "is no zip file, or a damaged one")

    private static func entries(_ bytes: LittleEndian) throws(ZipError) -> [ZipEntry] {
        let end = try ZipDirectoryEnd(bytes)
        guard end.count <= entryLimit else {
            throw ZipError(nil, "has \(end.count) entries; \(entryLimit) can be imported at once")
        }
        var entries: [ZipEntry] = []
        var spans: [Range<Int>] = []
        var paths: Set<[UInt8]> = []
        var offset = end.directory.lowerBound
        for _ in 0..<end.count {
            guard let header = ZipDirectoryHeader(bytes, at: offset), header.end <= end.directory.upperBound else {
                throw broken
            }
            offset = header.end
            let path = try checked(header.name)
            guard paths.insert(Array(header.name)).inserted else { throw ZipError(path, "is in it twice") }
            let place = try header.locate(in: bytes, path, before: end.directory.lowerBound)
            spans.append(place.span)
            // A folder has no content of its own.
            guard header.name.last != UInt8(ascii: "/") else { continue }
            entries.append(
                ZipEntry(
                    path: path, method: place.method, checksum: header.checksum, size: Int(header.size),
                    content: place.content))
        }
        guard offset == end.directory.upperBound else { throw broken }
        try refuseOverlaps(spans)
        guard entries.reduce(0, { $0 + $1.size }) <= expandedLimit else {
            throw ZipError(nil, "has more than \(expandedLimit) bytes when it is expanded")
        }
        return entries
    }

    private static func refuseOverlaps(_ spans: [Range<Int>]) throws(ZipError) {
        var end = 0
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard span.lowerBound >= end else { throw ZipError(nil, "has entries that lie over each other") }
            end = span.upperBound
        }
    }

    /// The name, if it is one that leads nowhere but into the folder that it would be unpacked in.
    private static func checked(_ name: UnsafeRawBufferPointer) throws(ZipError) -> String {
        guard (1...nameLimit).contains(name.count), let path = String(validating: name, as: UTF8.self),
            path.unicodeScalars.allSatisfy(\.isPrintable)
        else {
            throw ZipError(nil, "has an entry whose name is none: it is empty, too long, or not of printable UTF-8")
        }
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let own = parts.last?.isEmpty == true ? parts.dropLast() : parts[...]
        let isDrive = path.utf8.dropFirst().first == UInt8(ascii: ":")
        guard !path.utf8.contains(UInt8(ascii: "\\")), !isDrive,
            own.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
        else {
            throw ZipError(path.quoted, "is a name that leads elsewhere: no drive, backslash, . or .. may be in it")
        }
        return path
    }
}
