/// The fields of one object, one a line, labels and values aligned.
struct Details {
    private var fields: [(label: String, value: Table.Cell)] = []

    /// Adds a line; a value that is nil or empty adds none.
    mutating func add(_ label: String, _ value: String?, _ tone: Tone = .plain) {
        guard let value, !value.isEmpty else { return }
        fields.append((label, Table.Cell(value, tone)))
    }

    /// The lines, each ended by a line break.
    func rendered(colour: Bool) -> String {
        let width = fields.reduce(0) { max($0, $1.label.columns) }
        return fields.reduce("") { text, field in
            let space = String(repeating: " ", count: width - field.label.columns + 2)
            return text + field.label + space + (colour ? field.value.tone.painted(field.value.text) : field.value.text)
                + "\n"
        }
    }
}
