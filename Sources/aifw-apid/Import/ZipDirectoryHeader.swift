/// What the directory of a zip file says of one entry (APPNOTE.TXT, section 4.3.12), and the header before its content
/// (4.3.7), which must say the same.
struct ZipDirectoryHeader {
    private static let length = 46
    private static let localLength = 30
    /// Bits 0, 5, 6 and 13: encrypted, patched, encrypted strongly, headers hidden (4.4.4).
    private static let refused: UInt16 = 1 | 1 << 5 | 1 << 6 | 1 << 13
    /// Bit 3: checksum and sizes stand behind the content.
    private static let trailing: UInt16 = 1 << 3

    let name: UnsafeRawBufferPointer
    let checksum: UInt32
    let size: UInt32
    /// Where the next one begins.
    let end: Int
    private let flags: UInt16
    private let method: UInt16
    private let packedSize: UInt32
    private let disk: UInt16
    private let attributes: UInt32
    private let offset: UInt32

    /// Where an entry is.
    struct Place {
        let method: ZipEntry.Method
        let content: Range<Int>
        /// With its header.
        let span: Range<Int>
    }

    init?(_ bytes: LittleEndian, at start: Int) {
        guard bytes.has("PK\u{1}\u{2}", at: start), let flags = bytes.two(at: start + 8),
            let method = bytes.two(at: start + 10), let checksum = bytes.four(at: start + 16),
            let packedSize = bytes.four(at: start + 20), let size = bytes.four(at: start + 24),
            let nameLength = bytes.two(at: start + 28), let extraLength = bytes.two(at: start + 30),
            let commentLength = bytes.two(at: start + 32), let disk = bytes.two(at: start + 34),
            let attributes = bytes.four(at: start + 38), let offset = bytes.four(at: start + 42),
            let name = bytes.slice(start + Self.length, Int(nameLength))
        else { return nil }
        (self.flags, self.method, self.checksum, self.disk) = (flags, method, checksum, disk)
        (self.packedSize, self.size, self.attributes, self.offset) = (packedSize, size, attributes, offset)
        self.name = name
        end = start + Self.length + Int(nameLength) + Int(extraLength) + Int(commentLength)
    }

    /// Finds the content, which lies before the directory.
    func locate(in bytes: LittleEndian, _ path: String, before limit: Int) throws(ZipError) -> Place {
        guard flags & Self.refused == 0 else {
            throw ZipError(path, "is encrypted, or made by a method that is not known")
        }
        guard let method = ZipEntry.Method(rawValue: method) else {
            throw ZipError(path, "is packed by a method that is not known here; stored and deflated are")
        }
        guard packedSize < UInt32.max, size < UInt32.max, offset < UInt32.max else {
            throw ZipError(path, "is in the format zip64, which is for larger files than are taken here")
        }
        guard disk == 0 else { throw ZipError(path, "is on another disk") }
        // The upper half is a mode where Unix has made it; 0o12 is a symbolic link.
        guard attributes >> 28 != 0o12 else { throw ZipError(path, "is a link") }
        guard method == .deflated || packedSize == size else { throw ZipError(path, "has two sizes") }
        let start = Int(offset)
        guard bytes.has("PK\u{3}\u{4}", at: start), let nameLength = bytes.two(at: start + 26),
            let extraLength = bytes.two(at: start + 28),
            let name = bytes.slice(start + Self.localLength, Int(nameLength)), agrees(with: bytes, at: start),
            name.elementsEqual(self.name)
        else { throw ZipError(path, "is not where the directory says, or is something else") }
        let first = start + Self.localLength + Int(nameLength) + Int(extraLength)
        let end = first + Int(packedSize)
        guard end <= limit else { throw ZipError(path, "is not all there") }
        return Place(method: method, content: first..<end, span: start..<end)
    }

    private func agrees(with bytes: LittleEndian, at start: Int) -> Bool {
        guard bytes.two(at: start + 6).map({ $0 & Self.refused }) == 0,
            bytes.two(at: start + 8) == method
        else { return false }
        guard flags & Self.trailing == 0 else { return true }
        return bytes.four(at: start + 14) == checksum && bytes.four(at: start + 18) == packedSize
            && bytes.four(at: start + 22) == size
    }
}
