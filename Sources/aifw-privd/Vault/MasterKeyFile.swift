import CCap
import CSodium
import Daemon
import Glibc

/// The file `master.key` in the state directory: one master key, or two while they are rotated, the current one first.
///
/// 32 bytes a key and nothing else, mode 0400, owned by the helper's account. Lost, everything sealed is lost with it.
enum MasterKeyFile {
    static let name = "master.key"
    private static let new = "master.key.new"
    private static let most = 2

    /// The steps of writing the file, for tests that are killed after each.
    enum Step: CaseIterable { case made, written, synced, named, done }

    /// Reads the keys, making the file with one if there is none.
    ///
    /// - Parameters:
    ///   - folder: a descriptor of the state directory.
    ///   - account: who must own the file.
    static func open(in folder: Int32, account: Account) throws(StartupError) -> [MasterKey] {
        try lock(folder)
        if let bytes = try read(in: folder, account: account) { return try keys(in: bytes) }
        let key = try LockedMemory(count: MasterKey.length) { randombytes_buf($0.baseAddress!, $0.count) }
        try write(key, in: folder, account: account)
        guard let bytes = try read(in: folder, account: account) else {
            throw StartupError("\(name) went away while it was read")
        }
        return try keys(in: bytes)
    }

    /// Puts a new key in front, or takes the former one away: the file is the old or the new one, whole, at any moment.
    static func change(
        _ command: KeyCommand, in folder: Int32, account: Account, after: (Step) -> Void = { _ in }
    ) throws(StartupError) {
        try lock(folder)
        guard let old = try read(in: folder, account: account) else {
            throw StartupError("there is no \(name) yet; the helper makes it at its first start")
        }
        let count = old.count / MasterKey.length
        if let fault = command.fault(keys: count) { throw StartupError("\(name) \(fault)") }
        let length = command == .rotate ? old.count + MasterKey.length : MasterKey.length
        let new = try LockedMemory(count: length) { room in
            let kept = UnsafeMutableRawBufferPointer(
                rebasing: room[(command == .rotate ? MasterKey.length : 0)...])
            if command == .rotate { randombytes_buf(room.baseAddress!, MasterKey.length) }
            old.withUnsafeBytes { kept.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<kept.count])) }
        }
        try write(new, in: folder, account: account, after: after)
    }

    /// Keeps others from writing the file until `folder` is closed (flock(2)), and removes what one cut short has left.
    private static func lock(_ folder: Int32) throws(StartupError) {
        try check(flock(folder, LOCK_EX), "can't lock the state directory")
        guard unlinkat(folder, new, 0) == 0 || errno == ENOENT else {
            throw StartupError("can't remove the unfinished \(new)", errno: errno)
        }
    }

    /// Nil if there is no file.
    private static func read(in folder: Int32, account: Account) throws(StartupError) -> LockedMemory? {
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
            throw StartupError("can't lock memory for the master key; raise the limit (LimitMEMLOCK=, ulimit -l)")
        }
        return bytes
    }

    private static func keys(in bytes: LockedMemory) throws(StartupError) -> [MasterKey] {
        try bytes.withUnsafeBytes { (all) throws(StartupError) in
            var keys: [MasterKey] = []
            for start in stride(from: 0, to: all.count, by: MasterKey.length) {
                keys.append(try MasterKey(UnsafeRawBufferPointer(rebasing: all[start..<start + MasterKey.length])))
            }
            return keys
        }
    }

    /// What is wrong with the file, in words behind its name; nil if nothing is.
    private static func fault(of status: stat, account: Account) -> String? {
        guard status.st_mode & S_IFMT == S_IFREG else { return "is no regular file" }
        guard status.st_mode & 0o7777 == 0o400 else {
            return "has mode 0\(String(status.st_mode & 0o7777, radix: 8)); it must be 0400"
        }
        guard status.st_uid == account.user else {
            return "belongs to user \(status.st_uid); it must be user \(account.user)'s"
        }
        guard status.st_nlink == 1 else { return "has \(status.st_nlink) links; it must have one name only" }
        let size = Int(status.st_size)
        guard size > 0, size % MasterKey.length == 0, size / MasterKey.length <= most else {
            return "has \(size) bytes; it holds one or two keys of \(MasterKey.length)"
        }
        return nil
    }

    /// Writes the file anew: whole and on the disk, or not at all.
    private static func write(
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
