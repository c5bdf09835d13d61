internal import Glibc
internal import Wire

/// A file that holds a secret: only its owner may read it (mode 0600), whatever was there before.
///
/// It is written beside its place and then moved there: nobody who has the old file open reads the new content, and a full
/// disk leaves the old one whole. What is no regular file, such as /dev/stdout, is written to as it is.
final class PrivateFile {
    /// As it was given.
    let path: String
    private let target: String
    private let descriptor: Int32
    private let replaces: Bool
    /// Whether it is what standard output is, such as `-` or /dev/stdout: what else is written there would be in it.
    let isStandardOutput: Bool
    /// The name of what is moved to its place in the end; nil when there is nothing to be moved.
    private var draft: [CChar]?

    /// Makes it, still without content; nothing is seen of it at its place until it is filled.
    ///
    /// - Parameters:
    ///   - path: where it is to be; `-` is standard output.
    ///   - replaces: whether what is at its place may go.
    init(_ path: String, replaces: Bool = true) throws(Failure) {
        guard path != "-" else {
            (self.path, target, draft) = ("standard output", path, nil)
            (self.replaces, isStandardOutput) = (true, true)
            descriptor = dup(STDOUT_FILENO)
            guard descriptor >= 0 else { throw .unwritableFile(path: self.path, errno: errno) }
            return
        }
        self.path = path
        var status = stat()
        let exists = stat(path, &status) == 0
        guard !exists || status.st_mode & S_IFMT == S_IFREG else {
            (target, draft, self.replaces) = (path, nil, true)
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
            isStandardOutput = Self.isStandardOutput(status)
            guard descriptor >= 0 else { throw .unwritableFile(path: path, errno: errno) }
            return
        }
        isStandardOutput = false
        guard !exists || replaces else { throw .unwritableFile(path: path, errno: EEXIST) }
        target = exists ? Self.resolved(path) : path
        self.replaces = replaces
        var template = Array("\(target).XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .unwritableFile(path: path, errno: errno) }
        draft = template
    }

    deinit {
        close(descriptor)
        if let draft { unlink(draft) }
    }

    /// Whether what is written to it is shown, and steers what shows it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Puts `content` into it and it into its place; to be called once.
    func fill(with content: Bytes) throws(Failure) {
        try Output.write(content, to: descriptor, named: path)
        guard let draft else { return }
        guard fsync(descriptor) == 0, replaces ? rename(draft, target) == 0 : Self.link(draft, target) else {
            throw .unwritableFile(path: path, errno: errno)
        }
        self.draft = nil
    }

    /// Moves a draft to its place; fails where something has come to be meanwhile, as rename(2) does not.
    private static func link(_ draft: [CChar], _ target: String) -> Bool {
        if Glibc.link(draft, target) == 0 {
            unlink(draft)
            return true
        }
        // FAT and its like have no links: there an empty file takes the place first, which fails where there is one.
        guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno) else { return false }
        let place = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard place >= 0 else { return false }
        close(place)
        if rename(draft, target) == 0 { return true }
        let reason = errno
        unlink(target)
        errno = reason
        return false
    }

    /// The WireGuard key in a file, in memory that is wiped: one line of 44 characters, as `wg genkey` writes it.
    static func key(in path: String) throws(Failure) -> JSON {
        let bytes = try InputFile(path, limit: 64).content
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

    private static func isStandardOutput(_ file: stat) -> Bool {
        var output = stat()
        return fstat(STDOUT_FILENO, &output) == 0 && output.st_dev == file.st_dev && output.st_ino == file.st_ino
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
