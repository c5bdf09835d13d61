import Wire

/// What a webhook is told of: `["change"]`, the one kind of event that the log has, so that nothing of it is ever lost.
struct WebhookEvents: WireValue, Equatable {
    enum Word: String, Sendable, CaseIterable {
        case change
    }

    static let json: JSON = .array(Word.allCases.map { .text($0.rawValue) })

    init(json: JSON) throws(ValueError) {
        guard let elements = json.elements, elements.count == 1, elements[0].text == Word.change.rawValue else {
            throw ValueError("must be [\"\(Word.change.rawValue)\"], which is all there is")
        }
    }

    var json: JSON { Self.json }
}
