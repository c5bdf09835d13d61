import Daemon
import Glibc

/// What root does to the master keys by hand: file work alone, beside a helper that runs or not, and then the end.
enum KeyCommand: String, CaseIterable {
    case rotate = "--rotate-key"
    case retire = "--retire-key"

    /// Why it can't be done to a file of so many keys, in words behind the file's name; nil if it can.
    func fault(keys: Int) -> String? {
        switch (self, keys) {
        case (.rotate, 2):
            "holds two keys already: when aifw-apid has logged that all secrets are under the current one, "
                + "aifw-privd --retire-key removes the former"
        case (.retire, 1): "holds one key only, which all secrets are under; there is none to retire"
        case (_, _): nil
        }
    }

    /// - Returns: what is to be done next, for whoever typed it.
    func run(_ options: Options, account: Account) throws(StartupError) -> String {
        guard geteuid() == 0 else { throw StartupError("\(rawValue) is root's to run") }
        let folder = try StateDirectory.open(options.stateDirectory, for: account)
        defer { close(folder) }
        try MasterKeyFile.change(self, in: folder, account: account)
        return switch self {
        case .rotate: "a new key is in front of the former one; the helper takes it at its next start"
        case .retire: "the former key is gone; the helper forgets it at its next start"
        }
    }
}
