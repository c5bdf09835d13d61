internal import Wire

/// An association as JSON in a file: what the far end wrote by `ipsec-config --format json`, or keys that go with options.
///
/// Keys come in no other way: every user of the machine can read a command line.
struct AssociationFile {
    /// As it was given; `-` is standard input.
    let path: String
    /// What the API calls it, unread: its faults are the API's to find.
    let members: [JSON.Member]
    private let isOpenToOthers: Bool

    /// The fields that hold keys.
    static let keys = ["enc_key_in", "enc_key_out", "auth_key_in", "auth_key_out"]
    /// Other names of fields, by the name that the options use.
    private static let aliases = ["src_addr": "local_addr", "dst_addr": "remote_addr", "spi_in": "spi"]
    private static let limit = 65_536

    init(_ path: String) throws(Failure) {
        let file = try InputFile(path, limit: Self.limit)
        guard file.content.count <= Self.limit else {
            throw .wrongFile(path: path, reason: "is longer than an association can be")
        }
        guard case .object(let members) = try Self.json(file.content, path) else {
            throw .wrongFile(path: path, reason: "is JSON, but no object with an association's fields")
        }
        (self.path, self.members, isOpenToOthers) = (path, members, file.isOpenToOthers)
    }

    private static func json(_ content: Bytes, _ path: String) throws(Failure) -> JSON {
        do {
            return try JSONParser.parse(content)
        } catch {
            throw .wrongFile(path: path, reason: "is not JSON: \(error)")
        }
    }

    var hasKeys: Bool { members.contains { Self.keys.contains($0.name) } }

    /// Its fields, with those that the command line gives in their place.
    func fields(under given: [JSON.Member]) -> JSON {
        let names = Set(given.flatMap { [$0.name, Self.aliases[$0.name] ?? $0.name] })
        return .object(members.filter { !names.contains($0.name) } + given)
    }

    /// Says what is to become of the file, now that its keys are in use.
    func advise(_ output: Output) {
        guard hasKeys, path != "-" else { return }
        if isOpenToOthers {
            output.note("aifw: warning: others than its owner may read \(path): whoever did has the keys.")
        }
        output.note("The keys are still in \(path): remove it.")
    }
}
