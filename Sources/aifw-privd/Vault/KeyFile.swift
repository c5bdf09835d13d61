import CCap
import Daemon
import Glibc

/// A file with keys in the state directory: so many keys of 32 bytes and nothing else, mode 0400, owned by the helper's
/// account.
struct KeyFile {
    static let master = KeyFile(name: "master.key", most: 2)
    /// The public half of the recovery key: device keys are boxed for it.
    static let recoveryPublic = KeyFile(name: "recovery.pub", most: 1)
    /// Its other half, on a machine that restores from a backup.
    static let recoverySecret = KeyFile(name: "recovery.key", most: 1)

    static let keyLength = 32

    let name: String
    /// How many keys it may hold.
    let most: Int
    private var new: String { "\(name).new" }

    /// The steps of writing the file, for tests that are killed after each.
    enum Step: CaseIterable { case made, written, synced, named, done }

    /// Keeps others from writing files in `folder` until it is closed (flock(2)), and removes what one cut short has left.
    func lock(_ folder: Int32) throws(StartupError) {
        try check(flock(folder, LOCK_EX), "can't lock the state directory")
        guard unlinkat(folder, new, 0) == 0 || errno == ENOENT else {
            throw StartupError("can't remove the unfinished \(new)", errno: errno)
        }
    }

    /// Nil if there is no file.
    func read(in folder: Int32, account: Account) throws(StartupError) -> LockedMemory? {
        let descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP: throw StartupError("\(name) is a symbolic link; it must be the file itself")
            case let code: throw StartupError("can't open \(name)", errno: code)
            }
        }
        defer { close(descriptor) }
        var status = stat()
        try check(fstat(descriptor, &status), "can't look at \(name)")
        if let fault = fault(of: status, account: account) { throw StartupError("\(name) \(fault)") }
        let bytes = try LockedMemory(count: Int(status.st_size)) { (room) throws(StartupError) in
            var filled = 0
            while filled < room.count {
                let more = Glibc.read(descriptor, room.baseAddress! + filled, room.count - filled)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { throw StartupError("can't read \(name)", errno: more < 0 ? errno : EIO) }
                filled += more
            }
        }
        guard bytes.isLocked() else {
            throw StartupError("can't lock memory for \(name); raise the limit (LimitMEMLOCK=, ulimit -l)")
        }
        return bytes
    }

    /// What is wrong with the file, in words behind its name; nil if nothing is.
    private func fault(of status: stat, account: Account) -> String? {
        guard status.st_mode & S_IFMT == S_IFREG else { return "is no regular file" }
        guard status.st_mode & 0o7777 == 0o400 else {
            return "has mode 0\(String(status.st_mode & 0o7777, radix: 8)); it must be 0400"
        }
        guard status.st_uid == account.user else {
            return "belongs to user \(status.st_uid); it must be user \(account.user)'s"
        }
        guard status.st_nlink == 1 else { return "has \(status.st_nlink) links; it must have one name only" }
        let size = Int(status.st_size)
        guard size > 0, size % Self.keyLength == 0, size / Self.keyLength <= most else {
            return "has \(size) bytes; it holds \(most == 1 ? "one key" : "one or two keys") of \(Self.keyLength)"
        }
        return nil
    }

    /// Writes the file anew: whole and on the disk, or not at all.
    func write(
        _ keys: LockedMemory, in folder: Int32, account: Account, after: (Step) -> Void = { _ in }
    ) throws(StartupError) {
        let descriptor = try check(
            openat(folder, new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400), "can't make \(new)")
        defer { close(descriptor) }
        // The umask may have taken the one bit away.
        try check(fchmod(descriptor, 0o400), "can't set the mode of \(new)")
        if geteuid() != account.user {
            try check(fchown(descriptor, account.user, account.group), "can't give \(new) to user \(account.user)")
        }
        after(.made)
        let written = keys.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == keys.count else {
            throw StartupError("can't write \(new)", errno: written < 0 ? errno : ENOSPC)
        }
        after(.written)
        try check(fsync(descriptor), "can't bring \(new) to the disk")
        after(.synced)
        try check(renameat(folder, new, folder, name), "can't name \(name)")
        after(.named)
        try check(fsync(folder), "can't bring \(name) to the disk")
        after(.done)
    }
}
