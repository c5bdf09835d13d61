import Glibc

/// Small text files that appear whole or not at all, and never with a wider mode than they should have.
enum PrivateFile {
    /// Puts `text` into the file at `path`: written beside it under a new name, synced, renamed onto it.
    static func replace(_ path: String, with text: String, mode: mode_t) throws(ListenerError) {
        let temporary = path + ".new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw ListenerError(temporary, errno: errno) }
        defer { close(file) }
        do throws(ListenerError) {
            // The umask may have taken bits away.
            guard fchmod(file, mode) == 0 else { throw ListenerError("chmod \(temporary)", errno: errno) }
            try write(text, to: file, named: temporary)
            guard fsync(file) == 0 else { throw ListenerError("fsync \(temporary)", errno: errno) }
            guard rename(temporary, path) == 0 else { throw ListenerError("rename to \(path)", errno: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ text: String, to file: CInt, named path: String) throws(ListenerError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard written >= 0 || errno == EINTR else { throw ListenerError(path, errno: errno) }
            rest = rest.dropFirst(max(written, 0))
        }
    }

    /// The text of the file at `path`, 1 MiB at most; nil if it can't be read or is no UTF-8.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= 1 << 20 {
            let count = part.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count == 0 { return String(validating: bytes, as: UTF8.self) }
            guard count > 0 || errno == EINTR else { return nil }
            bytes += part.prefix(max(count, 0))
        }
        return nil
    }
}
