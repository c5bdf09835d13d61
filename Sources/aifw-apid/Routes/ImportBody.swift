import HTTPTypes
import HummingbirdCore
import Wire

/// The body of an import: one file as text, one or many as JSON, many as a zip.
///
/// Files are read one after the other, so that of a zip no more than one is expanded at a time.
struct ImportBody {
    private(set) var sources: [ImportSource] = []
    /// What is wrong with the request apart from its files.
    private(set) var faults: [Problem.Fault] = []
    /// What was left out of a zip.
    private(set) var warnings: [String] = []
    private var peers = 0

    private enum Form: String {
        case json = "application/json"
        case text = "text/plain"
        case zip = "application/zip"
    }

    /// The most files of a request.
    static let fileLimit = ZipReader.entryLimit
    /// A text of more than this is not even looked at.
    private static let textLimit = WireGuardQuickFile.limit

    static func read(_ context: APIContext) async throws -> (body: ImportBody, isDry: Bool) {
        let form = try form(of: context)
        let query = context.query
        let isDry = query.flag("dry_run") ?? false
        var fields = ImportFields()
        if form == .text {
            fields.name = query.optional("name") { (text) throws(ValueError) in try ObjectName(text) }
            fields.interface = query.optional("interface") { (text) throws(ValueError) in try TunnelInterface(text) }
        }
        try query.finish()
        var body = ImportBody()
        switch form {
        case .json: body.read(try await context.body())
        case .text: body.read(try await context.bytes(), fields)
        case .zip: body.read(zip: try await context.bytes())
        }
        return (body, isDry)
    }

    private static func form(of context: APIContext) throws(Problem) -> Form {
        guard let type = context.request.headers[.contentType] else { return .json }
        if APIContext.isJSON(type, .post) { return .json }
        let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard let form = Form(rawValue: essence) else {
            throw Problem(
                .unsupportedMediaType,
                "The body must be sent as application/json, text/plain (one file) or application/zip (many).")
        }
        return form
    }

    // MARK: Forms

    private mutating func read(_ text: Bytes, _ fields: ImportFields) {
        add(fields, at: "", reading(text))
    }

    private mutating func read(_ reader: BodyReader) {
        let isList = reader.has("files")
        if isList {
            for name in ["config", "name", "interface", "file"] where reader.has(name) {
                reader.fault(name, "must not stand beside files; it goes into their elements")
            }
            ["config", "name", "interface", "file"].forEach(reader.ignored)
            let read = reader.each("files", atMost: Self.fileLimit) { index, reader in
                (index, ImportFields(reader), reader.required("config", parse: Self.text))
            }
            if read?.isEmpty == true { reader.fault("files", "must have at least one element") }
            faults = reader.finishWithFaults()
            for case (let index, let fields, let text?) in read ?? [] { take(fields, at: "files[\(index)].", text) }
        } else {
            reader.ignored("files")
            let (fields, text) = (ImportFields(reader), reader.required("config", parse: Self.text))
            faults = reader.finishWithFaults()
            if let text { take(fields, at: "", text) }
        }
    }

    private mutating func take(_ fields: ImportFields, at path: String, _ text: JSONString) {
        add(fields, at: path, text.withUTF8 { WireGuardQuickFile.read($0, peerLimit: peersLeft) })
    }

    private static func text(_ json: JSON) throws(ValueError) -> JSONString {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard text.count <= textLimit else { throw ValueError("may have \(textLimit) bytes at most") }
        return text
    }

    private mutating func read(zip bytes: Bytes) {
        do throws(ZipError) {
            let reader = try ZipReader(bytes)
            var names: Set<String> = []
            for entry in reader.entries {
                guard let file = try Self.file(entry, &warnings) else { continue }
                guard names.insert(file.description).inserted else {
                    throw ZipError(file.description, "is in it twice, in two folders")
                }
                let text = try reader.contents(of: entry)
                sources.append(ImportSource(file, reading(text)))
                peers += sources.last?.reading.file?.peers.count ?? 0
            }
            if sources.isEmpty { throw ZipError(nil, "has no file whose name ends in .conf") }
        } catch {
            faults.append(
                .init(field: error.entry ?? "", detail: (error.entry == nil ? "The archive " : "") + error.words))
        }
    }

    /// The name of an entry that is to be imported; nil for one that is left out, which is warned of.
    private static func file(_ entry: ZipEntry, _ warnings: inout [String]) throws(ZipError) -> ImportFileName? {
        guard !entry.name.lowercased().hasSuffix(".zip") else {
            throw ZipError(entry.path, "is an archive in an archive; send its files themselves")
        }
        guard let file = try? ImportFileName(entry.name), file.isConfiguration else {
            warnings.append("\(entry.path): left out, for its name does not end in .conf, or begins with a dot")
            return nil
        }
        guard entry.size <= textLimit else { throw ZipError(entry.path, "may have \(textLimit) bytes at most") }
        return file
    }

    // MARK: Parts

    private var peersLeft: Int { WireGuardQuickFile.peerLimit - peers }

    private func reading(_ text: Bytes) -> WireGuardQuickFile.Reading {
        text.withUnsafeBytes { WireGuardQuickFile.read($0, peerLimit: peersLeft) }
    }

    private mutating func add(_ fields: ImportFields, at path: String, _ reading: WireGuardQuickFile.Reading) {
        sources.append(ImportSource(fields, at: path, reading))
        peers += reading.file?.peers.count ?? 0
    }
}

extension ImportFields {
    fileprivate init(_ reader: BodyReader) {
        self.init(
            file: reader.optional("file", as: ImportFileName.self).value,
            name: reader.optional("name", as: ObjectName.self).value,
            interface: reader.optional("interface", as: TunnelInterface.self).value)
    }
}
