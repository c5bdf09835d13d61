import Daemon
import Glibc

extension Confinement {
    /// The API daemon's cage, whatever unit it runs in: it can start no program, watch no other process, and open nothing
    /// but its own files and what resolving a name needs.
    static func apid(_ settings: Settings) -> Confinement {
        // SQLite's file with its log and index, the certificate that is made.
        var files: [(path: String, rights: Landlock.Rights)] = folders(of: settings.database).map {
            ($0, [.readFile, .writeFile, .readFolder, .removeFile, .makeFile, .cutFile])
        }
        // Made beside its path, then renamed.
        files += folders(of: settings.apiSocket).map { ($0, [.makeSocket, .removeFile]) }
        if let certificate = settings.certificate {
            files += [certificate.certificatePath, certificate.keyPath].flatMap(folders).map { ($0, .readFile) }
        }
        if let path = settings.webhookCA { files += folders(of: path).map { ($0, .readFile) } }
        // Often a link to what some program keeps, which may make it later.
        files += (folders(of: "/etc/resolv.conf") + ["/run/systemd/resolve"]).map { ($0, [.readFile, .readFolder]) }
        files += readable.map { ($0, [.readFile, .readFolder]) }
        files.append(("/dev/null", [.readFile, .writeFile]))
        return Confinement(
            Privileges.plain, Landlock(files, keepsTCP: true),
            SystemCallFilter(
                reason: "no program, no other process, no namespace, nothing of the kernel's own is its business",
                refused: refused))
    }

    private static let readable = [
        // Names and their order, trusted certificates, time zones; libraries that the C library loads for names.
        "/etc", "/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/lib", "/lib", "/dev/urandom",
        // Limits of its control group, by which NIO counts its threads.
        "/sys/fs/cgroup",
        // libdispatch counts its threads in /proc/self/task, and ends the process if it can't. That can't have a rule of
        // its own: a rule is on a file, and the kernel makes those of /proc anew.
        "/proc",
    ]

    /// The folder a file is in; where the file is a symbolic link, as certificates often are, also that of what it names.
    private static func folders(of path: String) -> [String] {
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        return ([path] + [resolved.map { String(cString: $0) }].compactMap { $0 }).map { path in
            let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            return folder.isEmpty ? "/" : String(folder)
        }
    }

    private static let refused: [SystemCallFilter.Call] = [
        // Programs, other processes' memory.
        "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
        // Namespaces, mounts. clone3 hides its flags from a filter: the C library does without it.
        "clone3", "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
        "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at",
        // The kernel itself, and its larger interfaces.
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "request_key", "init_module",
        "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct",
        "quotactl", "syslog", "settimeofday", "clock_settime", "adjtimex", "sethostname", "setdomainname",
        "personality",
        // Devices and packets without a protocol.
        "mknodat", .socket(AF_PACKET),
    ]
}
