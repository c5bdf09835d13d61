extension BackupError: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .foreign: Problem(.notABackup, "The file is no backup of AiFw VPN; nothing was changed.")
        case .version(let version):
            Problem(
                .backupVersion,
                version > BackupHead.version
                    ? "The backup has format \(version), and this version reads \(BackupHead.version): restore it with the "
                        + "version that made it, or a later one. Nothing was changed."
                    : "The backup says that it has format \(version), which no version has written. Nothing was changed."
            )
        case .cost:
            Problem(
                .backupDamaged,
                "The backup asks for more time or memory to make its key than is given; nothing was changed.")
        case .wrongPassphrase:
            Problem(
                .wrongPassphrase,
                "The passphrase does not open the backup, or the first \(BackupHead.length) bytes of the file were changed. "
                    + "Nothing was changed here.")
        case .damaged(let words): Problem(.backupDamaged, "The backup is not whole: \(words). Nothing was changed.")
        case .noMemory: Problem(.busy, "There is no memory to make the backup's key in.").retry(afterSeconds: 2)
        }
    }
}

extension BackupSource.Unreadable: ProblemConvertible {
    var problem: Problem {
        Problem(
            .secretUnreadable,
            "A backup would not be whole, for secrets do not open: those of \(owners.joined(separator: ", ")). Was the "
                + "helper's master key replaced, or the former one retired too early, or totp.key removed? Give these new "
                + "keys, or delete them, and try again.")
    }
}

extension RestorePreparation.Locked: ProblemConvertible {
    /// The most tunnels that are named.
    private static let namedLimit = 20

    var problem: Problem {
        let named = tunnels.prefix(Self.namedLimit).map { "\"\($0.name)\" (\($0.interface))" }.joined(separator: ", ")
        let more = tunnels.count > Self.namedLimit ? " and \(tunnels.count - Self.namedLimit) more" : ""
        let way =
            areBoxed
            ? "Have root type the recovery code in (aifw-privd --recovery-import), restart aifw-privd and try again; or"
            : "The backup was made without a recovery key, so they are lost with the machine that it comes from:"
        return Problem(
            .recoveryNeeded,
            "The private keys of these tunnels do not open on this machine: \(named)\(more). \(way) restore with "
                + "?new_tunnel_keys=true, which gives them new keys. Nothing was changed.")
    }
}
