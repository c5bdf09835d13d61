import CCap
import Daemon
import Glibc
import Wire

/// The file in which root says which networks tunnels may use and how much there may be (``NetworkPolicy``): JSON, at most
/// 64 KiB, root's alone to write. Read once, before privileges are dropped; a fault in it keeps the helper from starting.
enum PolicyFile {
    static let standardPath = "/etc/aifw/privd.policy"
    static let limit = 64 << 10

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - path: the one that was asked for; nil is the one at ``standardPath``, which need not be there.
    ///   - owner: who must own it.
    /// - Returns: nil if there is none.
    static func read(_ path: String?, standardPath: String = standardPath, owner: uid_t = 0) throws(StartupError)
        -> NetworkPolicy?
    {
        let name = path ?? standardPath
        let descriptor = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT where path == nil: return nil
            case ELOOP: throw StartupError("\(name) is a symbolic link; it must be the file itself")
            case let code: throw StartupError("can't open the policy file \(name)", errno: code)
            }
        }
        defer { close(descriptor) }
        var status = stat()
        try check(fstat(descriptor, &status), "can't look at \(name)")
        if let fault = fault(of: status, name, owner: owner) { throw StartupError("\(name) \(fault)") }
        let bytes = Bytes(capacity: limit + 1)
        // One byte more than there may be: a file that has grown since shows.
        while bytes.count <= limit {
            var count = 0
            bytes.append(upTo: limit + 1 - bytes.count) { room in
                count = Glibc.read(descriptor, room.baseAddress, room.count)
                return max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StartupError("can't read \(name)", errno: errno) }
            if count == 0 { break }
        }
        guard bytes.count <= limit else { throw StartupError("\(name) \(tooLong)") }
        return try parse(bytes, name)
    }

    private static func parse(_ bytes: Bytes, _ name: String) throws(StartupError) -> NetworkPolicy {
        do {
            return try NetworkPolicy(json: try JSONParser.parse(bytes), path: "")
        } catch let error as JSONError {
            throw StartupError("\(name) is not JSON as RFC 8259 has it: \(error); correct it, or remove it")
        } catch let error as Refusal {
            let words = "\(error.field.map { "\($0) " } ?? "")\(error.message)"
            throw StartupError("\(name): \(words); correct it, or remove the file")
        } catch {
            throw StartupError("\(name): \(error)")
        }
    }

    /// What is wrong with the file, in words behind its name; nil if nothing is.
    private static func fault(of status: stat, _ name: String, owner: uid_t) -> String? {
        guard status.st_mode & S_IFMT == S_IFREG else { return "is no regular file" }
        guard status.st_uid == owner else {
            return
                "belongs to user \(status.st_uid), who could change what the helper allows; remedy: chown \(owner) \(name)"
        }
        guard status.st_mode & 0o022 == 0 else {
            return "has mode 0\(String(status.st_mode & 0o7777, radix: 8)): others than its owner can write it; "
                + "remedy: chmod go-w \(name)"
        }
        return status.st_size > limit ? tooLong : nil
    }

    private static let tooLong = "has more than \(limit) bytes; a policy needs far less"
}
