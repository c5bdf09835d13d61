import Glibc

/// What the kernel says of this process (proc_pid_stat(5), proc_pid_fd(5)).
struct ProcessFigures {
    /// Processor time, of the program and of the kernel for it.
    let seconds: Double
    let residentBytes: Int64
    let openFiles: Int64

    /// Nil where /proc can't be read.
    init?() {
        guard let line = Self.line(of: "/proc/self/stat"), let files = Self.count(in: "/proc/self/fd"),
            let figures = Self.figures(in: line)
        else { return nil }
        seconds = Double(figures.ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
        residentBytes = figures.pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
        // The one by which they were counted is closed again.
        openFiles = files - 1
    }

    /// Fields 14 and 15, and 24. The second one is the program's name in parentheses, in which anything may be.
    static func figures(in line: String) -> (ticks: Int64, pages: Int64)? {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let user = Int64(fields[11]), let kernel = Int64(fields[12]),
            let pages = Int64(fields[21])
        else { return nil }
        return (user + kernel, pages)
    }

    private static func line(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Some 50 numbers, in one piece.
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// The entries of a folder but `.` and `..`.
    private static func count(in path: String) -> Int64? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count: Int64 = 0
        while readdir(folder) != nil { count += 1 }
        return count - 2
    }
}
