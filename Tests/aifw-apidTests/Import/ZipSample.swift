@testable import aifw_apid

/// A zip file that may lie: every number of it can be another than it should be.
struct ZipSample: Sendable {
    struct Entry: Sendable {
        let name: String
        let packed: [UInt8]
        let method: UInt16
        let size: UInt32
        let checksum: UInt32
        let flags: UInt16
        let attributes: UInt32
        let localName: String
        let localChecksum: UInt32
        /// Where it is said to be; then it is nowhere else.
        let offset: UInt32?

        /// - Parameter isDeflated: as one block of RFC 1951 that is not compressed.
        init(
            _ name: String, _ content: String, isDeflated: Bool = false, packed: [UInt8]? = nil, method: UInt16? = nil,
            size: UInt32? = nil, checksum: UInt32? = nil, flags: UInt16 = 0, attributes: UInt32 = 0,
            localName: String? = nil, localChecksum: UInt32? = nil, offset: UInt32? = nil
        ) {
            let bytes = Array(content.utf8)
            let length = UInt16(bytes.count)
            let block = [1] + ZipSample.little(length) + ZipSample.little(~length) + bytes
            self.name = name
            self.packed = packed ?? (isDeflated ? block : bytes)
            self.method = method ?? (isDeflated ? 8 : 0)
            self.size = size ?? UInt32(bytes.count)
            let sum = checksum ?? bytes.withUnsafeBytes(CRC32.checksum)
            (self.checksum, self.localChecksum) = (sum, localChecksum ?? sum)
            (self.flags, self.attributes, self.localName) = (flags, attributes, localName ?? name)
            self.offset = offset
        }
    }

    let bytes: [UInt8]

    init(entries: [Entry], comment: String = "", disk: UInt16 = 0, count: UInt16? = nil) {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let start = UInt32(bytes.count)
            let isTrailing = entry.flags & 1 << 3 != 0
            let name = entry.name
            if entry.offset == nil {
                bytes += Array("PK\u{3}\u{4}".utf8) + Self.little(UInt16(20)) + Self.little(entry.flags)
                bytes += Self.little(entry.method) + [0, 0, 0, 0]
                bytes += isTrailing ? Array(repeating: 0, count: 12) : Self.numbers(entry, entry.localChecksum)
                bytes += Self.little(UInt16(entry.localName.utf8.count)) + [0, 0] + Array(entry.localName.utf8)
                bytes += entry.packed
                if isTrailing { bytes += Array("PK\u{7}\u{8}".utf8) + Self.numbers(entry, entry.checksum) }
            }
            directory += Array("PK\u{1}\u{2}".utf8) + Self.little(UInt16(20)) + Self.little(UInt16(20))
            directory += Self.little(entry.flags) + Self.little(entry.method) + [0, 0, 0, 0]
            directory += Self.numbers(entry, entry.checksum) + Self.little(UInt16(name.utf8.count))
            directory += Array(repeating: 0, count: 8) + Self.little(entry.attributes)
            directory += Self.little(entry.offset ?? start) + Array(name.utf8)
        }
        let start = UInt32(bytes.count)
        let number = count ?? UInt16(entries.count)
        self.bytes =
            bytes + directory + Array("PK\u{5}\u{6}".utf8) + Self.little(disk) + [0, 0] + Self.little(number)
            + Self.little(number) + Self.little(UInt32(directory.count)) + Self.little(start)
            + Self.little(UInt16(comment.utf8.count)) + Array(comment.utf8)
    }

    private static func numbers(_ entry: Entry, _ checksum: UInt32) -> [UInt8] {
        little(checksum) + little(UInt32(entry.packed.count)) + little(entry.size)
    }

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
