import Wire

/// The kinds of object whose changes a webhook is told of: `["tunnel", "peer"]`, at least one, none twice.
struct WebhookObjects: WireValue, Equatable {
    /// In the order of the audit log's words.
    let kinds: [AuditObject.Kind]

    init(json: JSON) throws(ValueError) {
        try self.init(words: json.elements?.map(\.text))
    }

    /// As it is stored: with commas.
    init(stored text: String) throws(ValueError) {
        try self.init(words: text.split(separator: ",").map(String.init))
    }

    var stored: String { kinds.map(\.rawValue).joined(separator: ",") }

    var json: JSON { .array(kinds.map { .text($0.rawValue) }) }

    private init(words: [String?]?) throws(ValueError) {
        let known = AuditObject.Kind.allCases
        let list = known.map(\.rawValue).joined(separator: ", ")
        guard let words, !words.isEmpty else { throw ValueError("must be a list of at least one of \(list)") }
        let given = words.map { $0.flatMap(AuditObject.Kind.init(rawValue:)) }
        guard !given.contains(nil) else { throw ValueError("must have nothing but \(list)") }
        if let twice = given.compactMap(\.self).firstRepeat { throw ValueError("has \(twice.rawValue) twice") }
        kinds = known.filter(given.contains)
    }
}
