import Glibc

/// The folders that the helper needs, made or checked while it still may.
enum Folders {
    /// Where wireguard-go puts its control sockets; one for all network namespaces, fixed in wireguard-go and wg(8).
    static let wireguard = "/run/wireguard"

    /// Makes the folder of control sockets if it is missing and gives it to the account that wireguard-go runs under.
    static func prepareWireGuard(for account: Account) throws(StartupError) {
        let descriptor = try open(wireguard, mode: 0o755, account: account)
        defer { close(descriptor) }
        var status = stat()
        try check(fstat(descriptor, &status), "can't look at \(wireguard)")
        // Debian's wireguard-go, run as root by hand, leaves the folder root's.
        guard status.st_uid == account.user || status.st_uid == 0 else {
            throw StartupError("\(wireguard) belongs to user \(status.st_uid), which could pose as wireguard-go")
        }
        if status.st_uid != account.user {
            let hint = "give it to user \(account.user) (RuntimeDirectory=wireguard), or start the helper as root"
            try check(fchown(descriptor, account.user, account.group), "\(wireguard) is root's; \(hint)")
        }
        if status.st_mode & 0o022 != 0 { try check(fchmod(descriptor, 0o755), "can't protect \(wireguard)") }
    }

    /// Opens the state directory, making it if it is missing, for the account alone.
    ///
    /// - Returns: a descriptor of it, close-on-exec.
    static func openState(_ path: String, for account: Account) throws(StartupError) -> Int32 {
        let descriptor = try open(path, mode: 0o700, account: account)
        var status = stat()
        try check(fstat(descriptor, &status), "can't look at \(path)")
        guard status.st_uid == account.user || status.st_uid == 0 else {
            throw StartupError("\(path) belongs to user \(status.st_uid); it must be user \(account.user)'s")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StartupError("\(path) can be written by others; remedy: chmod go-w \(path)")
        }
        return descriptor
    }

    private static func open(_ path: String, mode: mode_t, account: Account) throws(StartupError) -> Int32 {
        let made = mkdir(path, mode) == 0
        guard made || errno == EEXIST else { throw StartupError("can't make \(path)", errno: errno) }
        let descriptor = try check(
            Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "can't open the folder \(path)")
        if made {
            // mkdir is subject to the umask.
            try check(fchmod(descriptor, mode), "can't set the mode of \(path)")
            try check(fchown(descriptor, account.user, account.group), "can't give \(path) to user \(account.user)")
        }
        return descriptor
    }
}
