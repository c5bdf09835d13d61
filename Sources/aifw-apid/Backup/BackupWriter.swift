import CSodium
import Wire

/// Writes the file of a backup: its head, then records, cut into parts that libsodium's secretstream encrypts
/// (XChaCha20-Poly1305), each bound to those before it; the last one says that it is.
///
/// A part is at most ``partLength`` bytes of records, whatever it cuts, so that the memory it takes does not grow with the
/// file. One task uses it.
final class BackupWriter {
    static let partLength = 64 << 10
    /// What encrypting adds to a part.
    static let overhead = Int(crypto_secretstream_xchacha20poly1305_ABYTES)
    /// The most bytes of one record.
    static let recordLimit = 1 << 20

    /// The head, to be written first.
    let head: Bytes
    private let binding: [UInt8]
    private var state = crypto_secretstream_xchacha20poly1305_state()
    /// What is not encrypted yet.
    private let part = Bytes(capacity: partLength)

    init(_ key: BackupKey, salt: [UInt8], cost: BackupKey.Cost) {
        var stream = [UInt8](repeating: 0, count: Int(crypto_secretstream_xchacha20poly1305_HEADERBYTES))
        var state = crypto_secretstream_xchacha20poly1305_state()
        key.withStreamKey { _ = crypto_secretstream_xchacha20poly1305_init_push(&state, &stream, $0) }
        self.state = state
        sodium_memzero(&state, MemoryLayout.size(ofValue: state))
        binding = BackupHead(cost, salt: salt, stream: stream, key: key).bytes
        head = Bytes(binding)
    }

    deinit { sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }

    /// Puts a record behind the others; returns the parts that are full.
    func append(_ record: BackupRecord) throws(BackupError) -> Bytes {
        let text = record.json.serialized
        guard text.count <= Self.recordLimit else { throw .damaged("an object is larger than a backup can hold") }
        let output = Bytes()
        append(Bytes(BackupHead.bytes(of: UInt32(text.count))), to: output)
        append(text, to: output)
        return output
    }

    /// The last part.
    func finish() -> Bytes {
        let output = Bytes()
        seal(UInt8(crypto_secretstream_xchacha20poly1305_TAG_FINAL), to: output)
        return output
    }

    private func append(_ bytes: Bytes, to output: Bytes) {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Self.partLength - part.count)
                part.append(UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
                if part.count == Self.partLength {
                    seal(UInt8(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE), to: output)
                }
            }
        }
    }

    private func seal(_ tag: UInt8, to output: Bytes) {
        let length = part.count + Self.overhead
        output.append(BackupHead.bytes(of: UInt32(length)))
        output.append(upTo: length) { room in
            part.withUnsafeBytes { plain in
                _ = crypto_secretstream_xchacha20poly1305_push(
                    &state, room.baseAddress!.assumingMemoryBound(to: UInt8.self), nil,
                    plain.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(plain.count), binding,
                    UInt64(binding.count), tag)
            }
            return length
        }
        part.removeAll()
    }
}
