import CSodium
import Wire

/// The parts of a file in the order in which they were encrypted; what was changed, left out, put elsewhere or comes from
/// another file does not open. One task uses it.
final class BackupStream {
    private let binding: [UInt8]
    private var state = crypto_secretstream_xchacha20poly1305_state()

    init(_ head: BackupHead, _ key: BackupKey) {
        binding = head.bytes
        var state = crypto_secretstream_xchacha20poly1305_state()
        key.withStreamKey { _ = crypto_secretstream_xchacha20poly1305_init_pull(&state, head.stream, $0) }
        self.state = state
        sodium_memzero(&state, MemoryLayout.size(ofValue: state))
    }

    deinit { sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }

    /// Opens the part at this place of the file, and says whether it is the last.
    func open(_ file: Bytes, _ place: Range<Int>) throws(BackupError) -> (plain: Bytes, isLast: Bool) {
        let plain = Bytes(capacity: place.count)
        var tag: UInt8 = 0
        var isOpen = false
        plain.append(upTo: place.count) { room in
            file.withUnsafeBytes { all in
                let sealed = UnsafeRawBufferPointer(rebasing: all[place])
                var length: UInt64 = 0
                isOpen =
                    crypto_secretstream_xchacha20poly1305_pull(
                        &state, room.baseAddress?.assumingMemoryBound(to: UInt8.self), &length, &tag,
                        sealed.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(sealed.count), binding,
                        UInt64(binding.count)) == 0
                return isOpen ? Int(length) : 0
            }
        }
        guard isOpen else { throw .damaged("a part of it is not as it was written") }
        switch Int32(tag) {
        case Int32(crypto_secretstream_xchacha20poly1305_TAG_FINAL): return (plain, true)
        case Int32(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE): return (plain, false)
        default: throw .damaged("a part of it has a mark that none can have")
        }
    }
}
