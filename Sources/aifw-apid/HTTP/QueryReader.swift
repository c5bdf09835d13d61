import HummingbirdCore
import Wire

/// Reads the query of a URL and collects everything that is wrong with it, as ``BodyReader`` does for a body.
final class QueryReader {
    private let items: [(name: String, value: String)]
    private let faults = Faults()
    private var known: Set<String> = []

    /// `query` is what follows the `?`, percent-encoded.
    init(_ query: String?) {
        var items: [(name: String, value: String)] = []
        var names: Set<Substring> = []
        // By bytes, for a character may be as long as the query, and is compared as names are.
        for item in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map(Substring.init)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else {
                faults.addStray(String(parts[0]), "is not percent-encoded UTF-8")
                continue
            }
            guard Faults.isComparable(name) else {
                faults.addStray(String(name), "is not known here")
                continue
            }
            guard names.insert(name).inserted else {
                faults.addStray(String(name), "is given twice")
                continue
            }
            items.append((String(name), String(value)))
        }
        self.items = items
    }

    /// The value under `name`, read by `parse`; nil if it is left out or wrong.
    func optional<Value>(_ name: String, parse: (String) throws(ValueError) -> Value) -> Value? {
        known.insert(name)
        guard let text = items.first(where: { $0.name == name })?.value else { return nil }
        do throws(ValueError) {
            return try parse(text)
        } catch {
            faults.add(name, error.description)
            return nil
        }
    }

    /// The text under `name`.
    func text(_ name: String) -> String? { optional(name) { $0 } }

    /// `true` or `false`.
    func flag(_ name: String) -> Bool? {
        optional(name) { (text) throws(ValueError) in
            guard Faults.isComparable(text), let flag = Bool(text) else { throw ValueError("must be true or false") }
            return flag
        }
    }

    /// A whole number within `range`, in decimal digits.
    func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        optional(name) { (text) throws(ValueError) in
            guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text),
                range.contains(number)
            else { throw ValueError("must be a whole number from \(range.lowerBound) to \(range.upperBound)") }
            return number
        }
    }

    /// One of a list of words.
    func choice<Value: RawRepresentable & CaseIterable>(_ name: String, as type: Value.Type = Value.self) -> Value?
    where Value.RawValue == String {
        optional(name) { (text) throws(ValueError) in
            guard Faults.isComparable(text), let value = Value(rawValue: text) else {
                throw ValueError("must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return value
        }
    }

    /// Adds a fault of the caller's own.
    func fault(_ name: String, _ detail: String) { faults.add(name, detail) }

    /// Throws the 422 with all faults, if there is one; parameters nobody asked for are among them.
    func finish() throws(Problem) {
        for item in items where !known.contains(item.name) {
            faults.addUnknown(item.name, known: known)
        }
        try faults.check()
    }
}

extension APIContext {
    /// The query of this request.
    var query: QueryReader { QueryReader(request.uri.query) }
}
