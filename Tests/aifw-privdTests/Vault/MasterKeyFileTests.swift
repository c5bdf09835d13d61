import Daemon
import Glibc
import Testing

@testable import aifw_privd

@Suite struct `The master key file` {
    private let folder = TemporaryFolder()
    private let account = Account.current

    private func open(account: Account? = nil) throws(StartupError) -> [MasterKey] {
        let descriptor = try StateDirectory.open(folder.path, for: self.account)
        defer { close(descriptor) }
        return try MasterKeyFile.open(in: descriptor, account: account ?? self.account)
    }

    @Test func `It is made once, for its owner's eyes only, and read again`() throws {
        let first = try open()
        var status = stat()
        #expect(lstat("\(folder.path)/master.key", &status) == 0)
        #expect(status.st_mode == S_IFREG | 0o400)
        #expect(status.st_size == 32)
        let bytes = folder.read("master.key")
        #expect(try open().map(\.id) == first.map(\.id))
        #expect(folder.read("master.key") == bytes)
        #expect(folder.read("master.key.new") == nil)
    }

    @Test func `A start that was cut short leaves nothing in the way`() throws {
        folder.write("master.key.new", [1, 2, 3], mode: 0o400)
        #expect(try open().count == 1)
        #expect(folder.read("master.key.new") == nil)
        #expect(folder.read("master.key")?.count == 32)
    }

    @Test func `Two keys are taken, the current one first`() throws {
        folder.write(
            "master.key", [UInt8](repeating: 2, count: 32) + [UInt8](repeating: 1, count: 32), mode: 0o400)
        #expect(try open().map(\.id) == [try Samples.key(2).id, try Samples.key(1).id])
    }

    private func change(_ command: KeyCommand) throws(StartupError) {
        let descriptor = try StateDirectory.open(folder.path, for: account)
        defer { close(descriptor) }
        try MasterKeyFile.change(command, in: descriptor, account: account)
    }

    @Test func `A new key comes in front of the former one, which is then retired`() throws {
        let old = try open().map(\.id)
        try change(.rotate)
        let both = try open().map(\.id)
        #expect(both.count == 2 && both[1] == old[0] && both[0] != old[0])
        var status = stat()
        #expect(lstat("\(folder.path)/master.key", &status) == 0)
        #expect(status.st_mode == S_IFREG | 0o400 && status.st_nlink == 1)
        try change(.retire)
        #expect(try open().map(\.id) == [both[0]])
        #expect(folder.read("master.key.new") == nil)
    }

    @Test func `What a command can't do is refused with what to do, and the file is left alone`() throws {
        let missing = #expect(throws: StartupError.self) { try change(.rotate) }
        #expect(missing?.description == "there is no master.key yet; the helper makes it at its first start")
        #expect(folder.read("master.key") == nil)
        _ = try open()
        let one = folder.read("master.key")
        let none = #expect(throws: StartupError.self) { try change(.retire) }
        #expect(
            none?.description
                == "master.key holds one key only, which all secrets are under; there is none to retire")
        #expect(folder.read("master.key") == one)
        try change(.rotate)
        let two = folder.read("master.key")
        let full = #expect(throws: StartupError.self) { try change(.rotate) }
        #expect(full?.description.contains("aifw-privd --retire-key removes the former") == true)
        #expect(folder.read("master.key") == two)
    }

    @Test(arguments: [.rotate, .retire] as [KeyCommand], KeyFile.Step.allCases.indices)
    func `Killed after any step, a command leaves the old file or the new one, whole`(
        command: KeyCommand, step: Int
    ) async throws {
        _ = try open()
        if command == .retire { try change(.rotate) }
        let before = try #require(folder.read("master.key"))
        let (path, word) = (folder.path, command.rawValue)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, word = word as String, step = step as Int] in
            let account = Account.current
            let descriptor = try StateDirectory.open(path, for: account)
            try MasterKeyFile.change(try #require(KeyCommand(rawValue: word)), in: descriptor, account: account) {
                if $0 == KeyFile.Step.allCases[step] { kill(getpid(), SIGKILL) }
            }
        }
        let after = try #require(folder.read("master.key"))
        let isNamed = step >= (try #require(KeyFile.Step.allCases.firstIndex(of: .named)))
        #expect(isNamed == (after != before))
        if isNamed {
            #expect(command == .rotate ? Array(after.dropFirst(32)) == before : after == Array(before.prefix(32)))
        }
        #expect(try open().count == after.count / 32)
        #expect(folder.read("master.key.new") == nil)
        // What was cut short can be done again.
        if !isNamed { try change(command) }
    }

    @Test(arguments: [0, 1, 31, 33, 63, 65, 96])
    func `Another size is refused and left alone`(size: Int) throws {
        let bytes = [UInt8](repeating: 1, count: size)
        folder.write("master.key", bytes, mode: 0o400)
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description == "master.key has \(size) bytes; it holds one or two keys of 32")
        #expect(folder.read("master.key") == bytes)
    }

    @Test(arguments: [0o600, 0o440, 0o404, 0o644, 0o4400] as [mode_t])
    func `Another mode is refused`(mode: mode_t) throws {
        folder.write("master.key", [UInt8](repeating: 1, count: 32), mode: mode)
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description == "master.key has mode 0\(String(mode, radix: 8)); it must be 0400")
    }

    @Test func `Another owner is refused`() throws {
        folder.write("master.key", [UInt8](repeating: 1, count: 32), mode: 0o400)
        let other = Account(user: account.user + 1, group: account.group)
        let error = #expect(throws: StartupError.self) { try open(account: other) }
        #expect(error?.description == "master.key belongs to user \(account.user); it must be user \(other.user)'s")
    }

    @Test func `A symbolic link is refused, wherever it leads`() throws {
        folder.write("elsewhere", [UInt8](repeating: 1, count: 32), mode: 0o400)
        symlink("elsewhere", "\(folder.path)/master.key")
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description == "master.key is a symbolic link; it must be the file itself")
    }

    @Test func `A second name is refused`() throws {
        folder.write("elsewhere", [UInt8](repeating: 1, count: 32), mode: 0o400)
        link("\(folder.path)/elsewhere", "\(folder.path)/master.key")
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description == "master.key has 2 links; it must have one name only")
    }

    @Test func `A pipe in its place is refused and does not hold the start up`() throws {
        mkfifo("\(folder.path)/master.key", 0o400)
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description == "master.key is no regular file")
    }

    @Test func `A folder that others may write is refused`() throws {
        chmod(folder.path, 0o770)
        let error = #expect(throws: StartupError.self) { try open() }
        #expect(error?.description.contains("can be written by others") == true)
    }
}
