internal import Glibc
package import Wire

/// An answer of WireGuard's UAPI while its bytes come in: lines, the one with the error number, an empty one.
///
/// It is read through one small buffer, which is wiped in the end, because the lines of a `get=1` hold keys.
package final class UserspaceAnswer {
    package enum Progress: Equatable {
        /// The answer goes on.
        case more
        /// All of it was read, or as much as the reader wanted.
        case done
        /// wireguard-go refused, with an error number (errno(3)).
        case failed(Int32)
    }

    /// More than any line is long.
    package static let bufferSize = 32 << 10
    /// The most that is read of one answer: a full device (65,536 peers) has some 30 MB.
    private static let limit = 256 << 20

    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: bufferSize, alignment: 16)
    private var held = 0
    private var total = 0
    private var code: Int32?

    package init() {}

    deinit {
        explicit_bzero(buffer, Self.bufferSize)
        buffer.deallocate()
    }

    /// Where the next bytes go; never without room.
    package var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: buffer + held, count: Self.bufferSize - held)
    }

    /// Takes the first `count` bytes of ``room``, and gives each line that is whole but the error number to `line`, until
    /// that says false: then the rest is left unread.
    package func take(
        _ count: Int, _ line: (UnsafeRawBufferPointer) throws(Refusal) -> Bool
    ) throws(Refusal) -> Progress {
        total += count
        held += count
        guard total <= Self.limit else { throw Self.malformed }
        var start = 0
        let bytes = UnsafeRawBufferPointer(start: buffer, count: held)
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            start = end + 1
            if text.isEmpty {
                guard let code else { throw Self.malformed }
                return code == 0 ? .done : .failed(code)
            }
            guard code == nil else { throw Self.malformed }
            code = try Self.errorNumber(text)
            if code == nil, !(try line(text)) { return .done }
        }
        guard start > 0 || held < Self.bufferSize else { throw Self.malformed }
        held -= start
        memmove(buffer, buffer + start, held)
        return .more
    }

    /// The number of a line `errno=N`, which ends an answer: wireguard-go writes it negative; nil if it is another line.
    static func errorNumber(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Int32? {
        guard line.starts(with: "errno=".utf8) else { return nil }
        guard line.count <= 16, let number = Int32(String(decoding: line.dropFirst(6), as: UTF8.self)), number != .min
        else { throw malformed }
        return abs(number)
    }

    /// The refusal for whatever wireguard-go never writes.
    package static let malformed = Refusal(.kernel, "wireguard-go gave an answer that can't be read")
}
