import CCap
import Glibc

/// Where a program that is started writes its standard output: one page of memory, kept until program and reader let go.
///
/// A pipe would end the program by SIGPIPE when it writes after its reader has gone, and it outlives all its readers; a
/// file would fill a disk. What does not fit the page is refused to the program (EPERM).
struct ProgramOutput: ~Copyable {
    private static let size = 4096

    let descriptor: Int32

    /// Nil, and errno, if there is no memory for it.
    init?() {
        descriptor = aifw_memory_file()
        guard descriptor >= 0 else { return nil }
        guard ftruncate(descriptor, off_t(Self.size)) == 0, aifw_keep_size(descriptor) == 0 else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
    }

    deinit { close(descriptor) }

    /// What the program has written, as far as the page holds it. Not to be trusted to print: ``Journal`` sees to that.
    var lines: [Substring] {
        var page = [UInt8](repeating: 0, count: Self.size)
        let count = pread(descriptor, &page, page.count, 0)
        return String(decoding: page.prefix(max(0, count)).prefix { $0 != 0 }, as: UTF8.self).split(separator: "\n")
    }
}
