import Daemon
import Glibc

/// Where the master key is kept.
enum StateDirectory {
    /// Opens the directory, making it if it is missing, for the account alone.
    ///
    /// - Returns: a descriptor of it, close-on-exec.
    static func open(_ path: String, for account: Account) throws(StartupError) -> Int32 {
        let (descriptor, status) = try Folder.open(path, mode: 0o700, account: account)
        guard status.st_uid == account.user || status.st_uid == 0 else {
            throw StartupError("\(path) belongs to user \(status.st_uid); it must be user \(account.user)'s")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StartupError("\(path) can be written by others; remedy: chmod go-w \(path)")
        }
        return descriptor
    }
}
