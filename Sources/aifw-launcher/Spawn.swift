import CCap
import Glibc

/// Programs that are started with nothing of ours, by posix_spawn(3).
enum Spawn {
    /// What becomes a program's standard streams, by descriptor.
    struct Streams {
        /// Nil is nothing to read: /dev/null.
        var input: Int32?
        let output: Int32
        /// Nil is the launcher's own.
        var errors: Int32?
    }

    /// Starts a program: no environment but what is given, no descriptor but its standard streams, no session, no signal
    /// handling. The ambient CAP_NET_ADMIN goes with it (capabilities(7)).
    ///
    /// - Returns: 0 or an errno, that of execve(2) included.
    static func start(
        _ program: String, _ words: [String], environment: [String], _ streams: Streams, _ process: inout pid_t
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | AIFW_SPAWN_SETSID
        let prepared = [
            streams.input.map { posix_spawn_file_actions_adddup2(&actions, $0, STDIN_FILENO) }
                ?? posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
            posix_spawn_file_actions_adddup2(&actions, streams.output, STDOUT_FILENO),
            streams.errors.map { posix_spawn_file_actions_adddup2(&actions, $0, STDERR_FILENO) } ?? 0,
            posix_spawn_file_actions_addclosefrom_np(&actions, 3),
            posix_spawnattr_setsigdefault(&attributes, &all),
            posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setflags(&attributes, flags),
        ]
        if let code = prepared.first(where: { $0 != 0 }) { return code }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for string in arguments + variables { free(string) } }
        return posix_spawn(&process, program, &actions, &attributes, &arguments, &variables)
    }

    /// The wait status of a child that has ended or is about to.
    static func end(of process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
