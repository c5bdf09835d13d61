import CCap
import Daemon
import Glibc
import Wire

/// What root does to the keys by hand: file work alone, beside a helper that runs or not, and then the end.
enum KeyCommand: String, CaseIterable {
    case rotate = "--rotate-key"
    case retire = "--retire-key"
    case recoveryInit = "--recovery-init"
    case recoveryImport = "--recovery-import"

    /// Why it can't be done to a file of so many master keys, in words behind the file's name; nil if it can.
    func fault(keys: Int) -> String? {
        switch (self, keys) {
        case (.rotate, 2):
            "holds two keys already: when aifw-apid has logged that all secrets are under the current one, "
                + "aifw-privd --retire-key removes the former"
        case (.retire, 1): "holds one key only, which all secrets are under; there is none to retire"
        case (_, _): nil
        }
    }

    /// Does it, and says what is to be done next.
    func run(_ options: Options, account: Account) throws(StartupError) {
        guard geteuid() == 0 else { throw StartupError("\(rawValue) is root's to run") }
        try check(aifw_prctl(PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE")
        try check(aifw_limit_core(0), "RLIMIT_CORE")
        let folder = try StateDirectory.open(options.stateDirectory, for: account)
        defer { close(folder) }
        switch self {
        case .rotate:
            try MasterKeyFile.change(self, in: folder, account: account)
            Journal.show("a new key is in front of the former one; the helper takes it at its next start")
        case .retire:
            try MasterKeyFile.change(self, in: folder, account: account)
            Journal.show("the former key is gone; the helper forgets it at its next start")
        case .recoveryInit:
            try KeyFile.recoveryPublic.lock(folder)
            guard try KeyFile.recoveryPublic.read(in: folder, account: account) == nil else {
                throw StartupError("there is a recovery key already; remove recovery.pub to make another one")
            }
            let secret = try Recovery.make()
            try KeyFile.recoveryPublic.write(try Recovery.publicKey(of: secret), in: folder, account: account)
            Journal.write("this is the recovery code, shown once; whoever has it and a backup has the tunnels' keys:")
            try Self.show(RecoveryCode.encode(secret))
            Journal.write("write it down, keep it off this machine, and start the helper again")
        case .recoveryImport:
            let secret = try RecoveryCode.decode(try Self.line())
            let publicKey = try Recovery.publicKey(of: secret)
            try KeyFile.recoveryPublic.lock(folder)
            if let present = try KeyFile.recoveryPublic.read(in: folder, account: account), present != publicKey {
                throw StartupError(
                    "this machine has a recovery key of another code; remove recovery.pub if that one is not wanted any more"
                )
            }
            try KeyFile.recoverySecret.lock(folder)
            try KeyFile.recoverySecret.write(secret, in: folder, account: account)
            try KeyFile.recoveryPublic.write(publicKey, in: folder, account: account)
            Journal.write("the code is taken; start the helper again, restore, then remove recovery.key")
        }
    }

    private static func show(_ code: Bytes) throws(StartupError) {
        code.append(UInt8(ascii: "\n"))
        guard code.withUnsafeBytes({ write(STDOUT_FILENO, $0.baseAddress, $0.count) }) == code.count else {
            throw StartupError("can't print the code, and it is lost; remove recovery.pub and make another one")
        }
    }

    /// One line of standard input; a terminal does not show it (termios(3)).
    private static func line() throws(StartupError) -> Bytes {
        var terminal = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &terminal) == 0
        if isTerminal {
            var silent = terminal
            silent.c_lflag &= ~tcflag_t(ECHO)
            try check(tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent), "can't keep the terminal from showing the code")
        }
        // What is typed before the terminal is silent would be thrown away.
        if isTerminal { Journal.write("the recovery code, which is not shown while you type:") }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal) } }
        let text = Bytes(capacity: 256)
        while text.count < 200 {
            var letter: UInt8 = 0
            guard read(STDIN_FILENO, &letter, 1) == 1, letter != UInt8(ascii: "\n") else { break }
            text.append(letter)
        }
        return text
    }
}
