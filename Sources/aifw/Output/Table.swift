/// Rows of text under headings, aligned by the columns that a terminal shows.
struct Table {
    /// One field of a row.
    struct Cell {
        let text: String
        let tone: Tone

        /// The text is made ``Swift/String/printable``; an empty one shows as `-`, so that every row has every field.
        init(_ text: String?, _ tone: Tone = .plain) {
            self.text = text.map { $0.isEmpty ? "-" : $0.printable } ?? "-"
            self.tone = tone
        }
    }

    struct Column {
        let title: String
        let alignsRight: Bool
        /// Whether it may go to a line of its own under the row, where a terminal is too narrow for all.
        let folds: Bool

        init(_ title: String, alignsRight: Bool = false, folds: Bool = false) {
            self.title = title
            self.alignsRight = alignsRight
            self.folds = folds
        }
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// The lines, each ended by a line break, fields two spaces apart, nothing behind the last.
    ///
    /// - Parameter width: how many columns there are; where that is too few for a line, what ``Column/folds`` goes under
    ///   each row, with its heading before it.
    func rendered(colour: Bool, within width: Int? = nil) -> String {
        let widths = columns.indices.map { index in
            rows.reduce(columns[index].title.columns) { max($0, $1[index].text.columns) }
        }
        let needed = widths.reduce(2 * (widths.count - 1), +)
        let limit = width.flatMap { $0 < needed ? $0 : nil }
        let shown = columns.indices.filter { limit == nil || !columns[$0].folds }
        var text = line(columns.map { Cell($0.title, .heading) }, shown, widths, colour)
        for row in rows {
            text += line(row, shown, widths, colour)
            if let limit { text += folded(row, limit) }
        }
        return text
    }

    private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ colour: Bool) -> String {
        var line = ""
        for index in shown {
            let cell = cells[index]
            let space = String(repeating: " ", count: widths[index] - cell.text.columns)
            let text = colour ? cell.tone.painted(cell.text) : cell.text
            if index != shown.first { line += "  " }
            line += columns[index].alignsRight ? space + text : index == shown.last ? text : text + space
        }
        return line + "\n"
    }

    /// What folds of a row, in as many lines as it takes.
    private func folded(_ cells: [Cell], _ limit: Int) -> String {
        var lines: [String] = []
        for index in columns.indices where columns[index].folds && cells[index].text != "-" {
            let field = "\(columns[index].title.lowercased()) \(cells[index].text)"
            if let last = lines.last, last.columns + field.columns + 2 <= limit {
                lines[lines.count - 1] = last + ", " + field
            } else {
                lines.append("  " + field)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension Output {
    /// Writes the table, folded where the terminal is too narrow for it.
    func write(_ table: Table) throws(Failure) {
        try write(table.rendered(colour: colour, within: columns))
    }
}
