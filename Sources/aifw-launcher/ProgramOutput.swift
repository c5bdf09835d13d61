import CCap
import Glibc

/// Where a program that is started writes a standard stream: so much memory, kept until program and reader let go.
///
/// A pipe would end the program by SIGPIPE when it writes after its reader has gone, and it outlives all its readers; a
/// file would fill a disk. What does not fit is refused to the program (EPERM).
struct ProgramOutput: ~Copyable {
    /// Enough for what a program says of itself.
    static let page = 4096

    let descriptor: Int32
    private let size: Int

    /// Nil, and errno, if there is no memory for it.
    init?(size: Int = ProgramOutput.page) {
        self.size = size
        descriptor = aifw_memory_file()
        guard descriptor >= 0 else { return nil }
        guard ftruncate(descriptor, off_t(size)) == 0, aifw_keep_size(descriptor) == 0 else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
    }

    deinit { close(descriptor) }

    /// What the program has written, as far as there is room for it; a text ends before its first NUL.
    var bytes: [UInt8] {
        var memory = [UInt8](repeating: 0, count: Self.page)
        var text: [UInt8] = []
        while text.count < size {
            let count = pread(descriptor, &memory, memory.count, off_t(text.count))
            guard count > 0 else { break }
            let piece = memory[..<count].prefix { $0 != 0 }
            text += piece
            guard piece.count == count else { break }
        }
        return text
    }

    /// Whether the program may have written more than there was room for.
    var isFull: Bool {
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != 0
    }

    /// The lines of it. Not to be trusted to print: ``Journal`` sees to that.
    var lines: [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
}
