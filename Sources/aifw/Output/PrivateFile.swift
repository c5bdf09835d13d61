internal import Glibc
internal import Wire

/// Files that hold secrets.
enum PrivateFile {
    /// Puts `content` into a file that only its owner may read (mode 0600), whatever was there before.
    ///
    /// It is written beside its place and then moved there: nobody who has the old file open reads the new content, and a
    /// full disk leaves the old one whole. What is no regular file, such as /dev/stdout, is written to as it is.
    static func write(_ content: Bytes, to path: String) throws(Failure) {
        var status = stat()
        let exists = stat(path, &status) == 0
        guard !exists || status.st_mode & S_IFMT == S_IFREG else {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unwritableFile(path: path, errno: errno) }
            defer { close(descriptor) }
            return try Output.write(content, to: descriptor, named: path)
        }
        let target = exists ? resolved(path) : path
        var template = Array("\(target).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .unwritableFile(path: path, errno: errno) }
        do throws(Failure) {
            defer { close(descriptor) }
            try Output.write(content, to: descriptor, named: path)
            guard fsync(descriptor) == 0 else { throw .unwritableFile(path: path, errno: errno) }
        } catch {
            unlink(template)
            throw error
        }
        guard rename(template, target) == 0 else {
            let reason = errno
            unlink(template)
            throw .unwritableFile(path: path, errno: reason)
        }
    }

    /// The WireGuard key in a file, in memory that is wiped: one line of 44 characters, as `wg genkey` writes it.
    static func key(in path: String) throws(Failure) -> JSON {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, errno: errno) }
        defer { close(descriptor) }
        let bytes = Bytes(capacity: 128)
        let limit = 64
        while bytes.count <= limit {
            let before = bytes.count
            try bytes.append(upTo: limit) { (room) throws(Failure) in
                let count = read(descriptor, room.baseAddress, room.count)
                guard count >= 0 else { throw .unreadableFile(path: path, errno: errno) }
                return count
            }
            if bytes.count == before { break }
        }
        let key = Bytes(capacity: 64)
        bytes.withUnsafeBytes { all in
            let end = all.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
            key.append(UnsafeRawBufferPointer(rebasing: all[..<end]))
        }
        let decoded = key.withUnsafeBytes { Base64.decode($0) }
        guard key.count == 44, decoded?.count == 32 else {
            throw .wrongFile(path: path, reason: "holds no WireGuard key: 44 characters, as `wg genkey` writes it")
        }
        return .string(JSONString(key))
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
