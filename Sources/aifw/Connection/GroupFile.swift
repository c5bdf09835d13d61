internal import Glibc
internal import Wire

/// The names of the machine's groups: /etc/group (group(5)).
///
/// Read by hand because getgrgid(3) loads shared libraries, which a statically linked executable had better not do; a
/// group that is known to a directory service only is told by its number.
enum GroupFile {
    /// The group's name, or its number if the file does not tell.
    static func name(of id: gid_t) -> String {
        let descriptor = open("/etc/group", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return String(id) }
        defer { close(descriptor) }
        let content = Bytes(capacity: 4096)
        var count = 0
        repeat {
            content.append(upTo: 4096) { room in
                count = max(0, read(descriptor, room.baseAddress, room.count))
                return count
            }
        } while count > 0
        return name(of: id, in: JSONString(content).text) ?? String(id)
    }

    /// The name on the line `name:password:id:members`; nil if there is no such line.
    static func name(of id: gid_t, in content: String) -> String? {
        for line in content.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count == 4, fields[2] == String(id) { return String(fields[0]) }
        }
        return nil
    }
}
