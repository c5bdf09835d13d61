import Wire

/// A short list that a user may give as a JSON array of strings or as one string with commas.
///
/// It is written with ", " between its elements, as wg-quick(8) and the manual have it.
protocol CommaListValue: TextValue {
    associatedtype Element: TextValue
    /// The most elements it may have.
    static var limit: Int { get }
    /// What an element is called in an error message, such as "address".
    static var noun: String { get }

    var elements: [Element] { get }
    /// - Parameter elements: at least one, at most ``limit``; the whole list is still to be checked.
    init(checking elements: [Element]) throws(ValueError)
}

extension CommaListValue {
    init(_ text: String) throws(ValueError) {
        try self.init(items: text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
    }

    init(json: JSON) throws(ValueError) {
        if let text = json.text {
            try self.init(text)
            return
        }
        guard let elements = json.elements else {
            throw ValueError("must be an array of strings, or a string with commas, not \(json.kind)")
        }
        var items: [String] = []
        for element in elements.prefix(Self.limit + 1) {
            guard let text = element.text else {
                throw ValueError("must be an array of strings, but one element is \(element.kind)")
            }
            items.append(text)
        }
        try self.init(items: items)
    }

    init(_ elements: [Element]) throws(ValueError) {
        guard !elements.isEmpty else { throw ValueError("must have at least one \(Self.noun)") }
        guard elements.count <= Self.limit else { throw ValueError("must have at most \(Self.limit) elements") }
        try self.init(checking: elements)
    }

    /// All elements that are wrong are told, not only the first.
    private init(items: [String]) throws(ValueError) {
        guard items.count <= Self.limit else { throw ValueError("must have at most \(Self.limit) elements") }
        var elements: [Element] = []
        var faults: [String] = []
        for (index, item) in items.enumerated() {
            do throws(ValueError) {
                elements.append(try Element(item.trimmed))
            } catch {
                faults.append(items.count == 1 ? error.description : "\(Self.noun) \(index + 1) \(error)")
            }
        }
        guard faults.isEmpty else { throw ValueError(faults.joined(separator: "; ")) }
        try self.init(elements)
    }

    var description: String { elements.map(\.description).joined(separator: ", ") }
}

extension String {
    /// The text without the spaces and tabs around it; other white space is left for the value to refuse.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[start...end])
    }
}

extension Sequence where Element: Hashable {
    /// The first element that was there before, or nil if all differ.
    var firstRepeat: Element? {
        var seen: Set<Element> = []
        return first { !seen.insert($0).inserted }
    }
}
