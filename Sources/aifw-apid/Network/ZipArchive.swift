import Wire

/// A zip file in memory that is wiped: entries are stored as they are, without compression (PKWARE's APPNOTE.TXT 6.3.10,
/// sections 4.3.7, 4.3.12 and 4.3.16).
///
/// There is no zip64, so an archive has 65,535 entries and 4 GiB at most, which no caller comes near: a bulk has 10,000
/// peers, whose configurations are not much longer than the 64 MiB that they came in.
struct ZipArchive {
    static let entryLimit = Int(UInt16.max)

    private let bytes = Bytes(capacity: 1 << 16)
    private let directory = Bytes(capacity: 1 << 14)
    private var count = 0

    private static let version: UInt16 = 20
    /// Made by Unix: the upper half of the external attributes is a mode.
    private static let madeBy: UInt16 = 3 << 8 | version
    /// Bit 11: names are UTF-8.
    private static let flags: UInt16 = 1 << 11
    /// 1980-01-01, the first day that can be told: no entry has a time of its own.
    private static let date: UInt16 = 1 << 5 | 1
    /// A regular file that is its owner's alone, for there is a key in it.
    private static let attributes: UInt32 = 0o100600 << 16

    /// Adds a file. No name may come twice, and none may lead out of the folder it is unpacked in: that is the caller's.
    mutating func add(_ name: String, _ content: Bytes) {
        precondition(count < Self.entryLimit && bytes.count + content.count < UInt32.max >> 1, "too large for a zip")
        let offset = UInt32(bytes.count)
        let size = UInt32(content.count)
        let common: [UInt8] =
            Self.little(Self.flags) + Self.little(UInt16(0)) + Self.little(UInt16(0)) + Self.little(Self.date)
            + Self.little(content.withUnsafeBytes(CRC32.checksum)) + Self.little(size) + Self.little(size)
            + Self.little(UInt16(name.utf8.count)) + Self.little(UInt16(0))
        bytes.append("PK\u{3}\u{4}")
        bytes.append(Self.little(Self.version) + common)
        bytes.append(name.utf8)
        content.withUnsafeBytes { bytes.append($0) }
        directory.append("PK\u{1}\u{2}")
        directory.append(Self.little(Self.madeBy) + Self.little(Self.version) + common)
        directory.append(
            Self.little(UInt16(0)) + Self.little(UInt16(0)) + Self.little(UInt16(0)) + Self.little(Self.attributes)
                + Self.little(offset))
        directory.append(name.utf8)
        count += 1
    }

    /// The whole file.
    consuming func finish() -> Bytes {
        let start = UInt32(bytes.count)
        directory.withUnsafeBytes { bytes.append($0) }
        bytes.append("PK\u{5}\u{6}")
        bytes.append(Self.little(UInt16(0)) + Self.little(UInt16(0)))
        bytes.append(Self.little(UInt16(count)) + Self.little(UInt16(count)))
        bytes.append(Self.little(UInt32(directory.count)) + Self.little(start) + Self.little(UInt16(0)))
        return bytes
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
