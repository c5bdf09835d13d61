package import Glibc

/// A folder that a program needs, opened while it still may.
package enum Folder {
    /// Opens a folder, making it for `account` alone if it is missing.
    ///
    /// - Parameter mode: of a folder that is made.
    /// - Returns: a descriptor of it, close-on-exec, and what the kernel says of it (fstat(2)).
    package static func open(
        _ path: String, mode: mode_t, account: Account
    ) throws(StartupError) -> (descriptor: Int32, status: stat) {
        let made = mkdir(path, mode) == 0
        guard made || errno == EEXIST else { throw StartupError("can't make \(path)", errno: errno) }
        let descriptor = try check(
            Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "can't open the folder \(path)")
        if made {
            // mkdir is subject to the umask.
            try check(fchmod(descriptor, mode), "can't set the mode of \(path)")
            try check(fchown(descriptor, account.user, account.group), "can't give \(path) to user \(account.user)")
        }
        var status = stat()
        try check(fstat(descriptor, &status), "can't look at \(path)")
        return (descriptor, status)
    }
}
