import Glibc

/// A folder of a test's own, removed with what is in it when the test is over.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/aifw-privd-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t) {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        _ = Glibc.write(descriptor, bytes, bytes.count)
        fchmod(descriptor, mode)
        close(descriptor)
        if mode & 0o100 != 0 { untilNobodyWrites(name) }
    }

    /// A program that is started by another thread has our descriptors until it is executed, and a file that somebody may
    /// write to can't be executed (ETXTBSY): waits until the kernel grants a lease for reading, which is when nobody may
    /// (fcntl(2), F_SETLEASE of linux/fcntl.h).
    private func untilNobodyWrites(_ name: String) {
        let setLease: Int32 = 1024
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var tries = 10_000
        while fcntl(descriptor, setLease, F_RDLCK) != 0, errno == EAGAIN, tries > 0 {
            tries -= 1
            usleep(1000)
        }
        _ = fcntl(descriptor, setLease, F_UNLCK)
    }

    /// The bytes of a file; nil if there is none.
    func read(_ name: String) -> [UInt8]? {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var room = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &room, room.count)
        return count < 0 ? nil : Array(room[..<count])
    }
}
