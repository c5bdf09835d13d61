import CZlib
import Wire

/// Content made smaller for the way, as RFC 1952 has it.
enum Gzip {
    /// The bytes as a gzip stream; nil if there was no memory for it. No time and no name is in it: the same bytes are
    /// always the same stream.
    static func packed(_ bytes: UnsafeRawBufferPointer) -> Bytes? {
        var stream = z_stream()
        // 16 more: a head and a tail of gzip's around it (deflateInit2 of zlib.h). 8 is the memory that it has by default.
        let status = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(bytes.count)
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        return withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { space in
            stream.next_out = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(space.count)
            guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
            return Bytes(space.prefix(space.count - Int(stream.avail_out)))
        }
    }
}
