package import Glibc

/// A user of the host, by name or number, with the group that goes with it.
package struct Account: Equatable {
    package let user: uid_t
    package let group: gid_t

    package init(user: uid_t, group: gid_t) {
        self.user = user
        self.group = group
    }

    /// The account that this process runs under.
    package static var current: Account { Account(user: geteuid(), group: getegid()) }

    /// Looks a name or number up in the host's user database (getpwnam(3)).
    ///
    /// A number needs no entry there; without one its group has the same number.
    package init(_ text: String) throws(StartupError) {
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.isEmpty {
            // The highest number is what setresuid(2) takes for "leave it as it is".
            guard let user = uid_t(text), user != uid_t.max else {
                throw StartupError("\(text) is no number of a user")
            }
            let entry = getpwuid(user)
            self.init(user: user, group: entry?.pointee.pw_gid ?? user)
        } else {
            guard let entry = getpwnam(text) else {
                throw StartupError("there is no user \"\(text)\" on this host; make it, or name another one")
            }
            self.init(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
        }
    }

    /// The account to serve under: for root the one of `--user`, else whoever started the program.
    ///
    /// - Parameters:
    ///   - name: what `--user` says, if it was given.
    ///   - standard: the name for root without it.
    package static func serving(_ name: String?, standard: String) throws(StartupError) -> Account {
        guard geteuid() == 0 else {
            guard let name, try Account(name).user != current.user else { return current }
            throw StartupError("--user \(name) needs root; the program was started as user \(current.user)")
        }
        let account = try Account(name ?? standard)
        guard account.user != 0, account.group != 0 else {
            throw StartupError("--user must be an account that is not root's, nor of root's group")
        }
        return account
    }
}
