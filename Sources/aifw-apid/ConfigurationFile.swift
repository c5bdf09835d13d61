import Glibc
import Wire
import Yams

/// The configuration file: YAML (1.1), one mapping of keys to texts, numbers or booleans; `listen` and
/// `webhook-networks` may be lists.
///
/// It is read by the parser that swift-configuration has beneath its own YAML provider, and not by that provider: it
/// does not know lines, nor which keys there are, and takes a list or a mapping for a value that was not given.
struct ConfigurationFile {
    /// More than any configuration; a larger file is another one.
    static let limit = 64 << 10

    let path: String
    private(set) var values: [SettingsKey: String] = [:]
    private var lines: [SettingsKey: Int] = [:]
    /// Everything that is wrong with it, each with the line.
    private(set) var faults: [String] = []

    /// Reads the file at `path`. Nil if there is none and `isOptional`.
    init?(_ path: String, isOptional: Bool) {
        self.path = path
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard !isOptional || errno != ENOENT else { return nil }
            faults.append("\(path): \(String(cString: strerror(errno)))")
            return
        }
        defer { close(file) }
        if let text = text(of: file) { read(text) }
    }

    var source: SettingsSource {
        SettingsSource(path, values: values) { key in lines[key].map { "\(path):\($0)" } ?? path }
    }

    private mutating func text(of file: CInt) -> String? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= Self.limit {
            let count = part.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count == 0 {
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    faults.append("\(path): is no text in UTF-8")
                    return nil
                }
                return text
            }
            guard count > 0 || errno == EINTR else {
                faults.append("\(path): \(String(cString: strerror(errno)))")
                return nil
            }
            bytes += part.prefix(max(count, 0))
        }
        faults.append("\(path): is larger than \(Self.limit) bytes, more than a configuration can be")
        return nil
    }

    private mutating func read(_ text: String) {
        let root: Node?
        do {
            root = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch {
            faults.append(path + Self.words(for: error))
            return
        }
        // A file of nothing but comments.
        guard let root, !Self.isNull(root) else { return }
        guard let mapping = root.mapping else {
            faults.append("\(path):\(root.mark?.line ?? 1): must be lines of \"key: value\", not \(Self.kind(root))")
            return
        }
        for (name, value) in mapping { read(name, value) }
    }

    private mutating func read(_ name: Node, _ value: Node) {
        let line = name.mark?.line ?? 1
        guard let word = name.scalar?.string else {
            faults.append("\(path):\(line): a key must be a word, not \(Self.kind(name))")
            return
        }
        guard let key = SettingsKey(rawValue: word) else {
            let known = SettingsKey.allCases.map(\.rawValue)
            let meant = Faults.suggestion(for: word, Set(known))
            faults.append("\(path):\(line): \(word.quoted) is not known" + meant)
            return
        }
        // To YAML two keys with different tags are two.
        guard lines.updateValue(line, forKey: key) == nil else {
            faults.append("\(path):\(line): \(word): is given twice")
            return
        }
        guard !Self.isNull(value) else {
            let remedy = "give one, \"\" for an empty one, or take the line out"
            faults.append("\(path):\(line): \(word): has no value; \(remedy)")
            return
        }
        if let text = value.scalar?.string {
            values[key] = text
        } else if key.isList, let items = value.sequence?.map(\.scalar?.string), !items.contains(nil) {
            values[key] = items.compactMap { $0 }.joined(separator: ",")
        } else {
            let allowed = key.isList ? "one value, or a list of them" : "one value"
            faults.append("\(path):\(line): \(word): must be \(allowed), not \(Self.kind(value))")
        }
    }

    // MARK: Words

    private static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private static func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: "a single value"
        }
    }

    /// Where and why it is no YAML; never the text itself, which the errors hold too.
    private static func words(for error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            ":\(mark.line): is no YAML: \(problem)"
        case YamlError.duplicatedKeysInMapping(let names, let context):
            ":\(context.mark.line): \(names.map { String($0.prefix(Faults.nameLimit)) }.joined(separator: ", ")): "
                + "is given twice"
        case YamlError.reader(let problem, _, _, _): ": is no YAML: \(problem)"
        default: ": is no YAML"
        }
    }
}
