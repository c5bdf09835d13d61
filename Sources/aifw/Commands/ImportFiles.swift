internal import Wire

/// What `wg-import` is given: files of wg-quick, or one zip of them, in memory that is wiped.
struct ImportFiles {
    /// The most bytes of a text, and of a zip, that the API takes.
    private static let textLimit = 4 << 20
    private static let archiveLimit = 64 << 20

    /// What the API is sent.
    let content: Request.Content
    /// Paths of files with keys in them that others than their owner may read.
    let openPaths: [String]

    /// - Parameters:
    ///   - name: what the tunnel is called, for one file only.
    ///   - interface: its interface, the same.
    init(_ paths: [String], name: String?, interface: String?) throws(Failure) {
        var files: [JSON] = []
        var open: [String] = []
        for path in paths {
            let file = try InputFile(path, limit: Self.archiveLimit)
            if file.isOpenToOthers { open.append(path) }
            guard !Self.isArchive(file.content) else {
                guard paths.count == 1, name == nil, interface == nil, file.content.count <= Self.archiveLimit else {
                    throw .wrongFile(path: path, reason: "is a zip, which is imported alone and without options")
                }
                (content, openPaths) = (.file(file.content, type: "application/zip"), open)
                return
            }
            guard file.content.count <= Self.textLimit else {
                throw .wrongFile(path: path, reason: "is longer than a configuration can be: \(Self.textLimit) bytes")
            }
            guard Self.isText(file.content) else { throw .wrongFile(path: path, reason: "is not text in UTF-8") }
            var body = Body()
            if path != "-" { body.add("file", path.split(separator: "/").last.map(String.init) ?? path) }
            body.add("name", name)
            body.add("interface", interface)
            body.add("config", JSON.string(JSONString(file.content)))
            files.append(body.json)
        }
        content = .json(.object([JSON.Member(name: "files", value: .array(files))]))
        openPaths = open
    }

    /// Whether it begins as a zip does, one of nothing too.
    private static func isArchive(_ content: Bytes) -> Bool {
        content.withUnsafeBytes { bytes in
            bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) || bytes.starts(with: Array("PK\u{5}\u{6}".utf8))
        }
    }

    private static func isText(_ content: Bytes) -> Bool {
        content.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
        }
    }
}
