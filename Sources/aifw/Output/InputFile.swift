internal import Glibc
internal import Wire

/// What the user has in a file, read into memory that is wiped: it may be a key.
struct InputFile {
    let content: Bytes
    /// Whether it is a regular file that others than its owner may read.
    let isOpenToOthers: Bool

    /// Reads the file, or standard input for `-`.
    ///
    /// - Parameter limit: how many bytes it should have at most; of a longer one the content has more than that, not all.
    init(_ path: String, limit: Int) throws(Failure) {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, errno: errno) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadableFile(path: path, errno: errno) }
        isOpenToOthers = status.st_mode & S_IFMT == S_IFREG && status.st_mode & (S_IRGRP | S_IROTH) != 0
        let bytes = Bytes(capacity: min(limit, 4096) + 1)
        while bytes.count <= limit {
            let before = bytes.count
            try bytes.append(upTo: min(limit + 1 - before, 4096)) { (room) throws(Failure) in
                while true {
                    let count = read(descriptor, room.baseAddress, room.count)
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else { throw .unreadableFile(path: path, errno: errno) }
                    return count
                }
            }
            if bytes.count == before { break }
        }
        content = bytes
    }
}
