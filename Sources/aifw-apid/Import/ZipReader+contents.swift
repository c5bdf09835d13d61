import CZlib
import Wire

extension ZipReader {
    /// The bytes of an entry, in memory that is wiped: as many as it says, with the checksum that it says.
    func contents(of entry: ZipEntry) throws(ZipError) -> Bytes {
        let content = Bytes(capacity: min(entry.size, 1 << 16))
        try archive.withUnsafeBytes { (all) throws(ZipError) in
            let packed = UnsafeRawBufferPointer(rebasing: all[entry.content])
            switch entry.method {
            case .stored: content.append(packed)
            case .deflated: try Self.inflate(packed, of: entry, into: content)
            }
        }
        guard content.withUnsafeBytes(CRC32.checksum) == entry.checksum else {
            throw ZipError(entry.path, "is damaged: its checksum is another one")
        }
        return content
    }

    /// Expands a stream of RFC 1951 piece by piece, and stops at the first byte that the entry does not say it has.
    private static func inflate(
        _ packed: UnsafeRawBufferPointer, of entry: ZipEntry, into content: Bytes
    ) throws(ZipError) {
        let damaged = ZipError(entry.path, "is damaged: it can't be expanded")
        var stream = z_stream()
        // Negative: no header of zlib's around it (inflateInit2 of zlib.h).
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw damaged
        }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(packed.count)
        var status = Z_OK
        while status == Z_OK {
            // One byte more than there should be, so that there being more is seen.
            let room = min(entry.size + 1 - content.count, 1 << 16)
            content.append(upTo: room) { space in
                stream.next_out = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(space.count)
                status = CZlib.inflate(&stream, Z_NO_FLUSH)
                return space.count - Int(stream.avail_out)
            }
            guard content.count <= entry.size else { throw ZipError(entry.path, "has more bytes than it says") }
        }
        guard status == Z_STREAM_END, stream.avail_in == 0 else { throw damaged }
        guard content.count == entry.size else { throw ZipError(entry.path, "has fewer bytes than it says") }
    }
}
