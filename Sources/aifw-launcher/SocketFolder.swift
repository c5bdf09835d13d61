import Daemon
import Glibc

/// Where wireguard-go puts its control sockets: one folder for all network namespaces, fixed in wireguard-go and wg(8).
enum SocketFolder {
    static let path = "/run/wireguard"

    /// Makes the folder if it is missing and gives it to the account that wireguard-go runs under.
    static func prepare(for account: Account) throws(StartupError) {
        let (descriptor, status) = try Folder.open(path, mode: 0o755, account: account)
        defer { close(descriptor) }
        // Debian's wireguard-go, run as root by hand, leaves the folder root's.
        guard status.st_uid == account.user || status.st_uid == 0 else {
            throw StartupError("\(path) belongs to user \(status.st_uid), which could pose as wireguard-go")
        }
        if status.st_uid != account.user {
            let hint = "give it to user \(account.user) (RuntimeDirectory=wireguard), or start as root"
            try check(fchown(descriptor, account.user, account.group), "\(path) is root's; \(hint)")
        }
        if status.st_mode & 0o022 != 0 { try check(fchmod(descriptor, 0o755), "can't protect \(path)") }
    }
}
