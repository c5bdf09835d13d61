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

        init(_ title: String, alignsRight: Bool = false) {
            self.title = title
            self.alignsRight = alignsRight
        }
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// The lines, each ended by a line break, fields two spaces apart, nothing behind the last.
    func rendered(colour: Bool) -> String {
        let widths = columns.indices.map { index in
            rows.reduce(columns[index].title.columns) { max($0, $1[index].text.columns) }
        }
        var text = line(columns.map { Cell($0.title, .heading) }, widths, colour)
        for row in rows { text += line(row, widths, colour) }
        return text
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ colour: Bool) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let space = String(repeating: " ", count: widths[index] - cell.text.columns)
            let text = colour ? cell.tone.painted(cell.text) : cell.text
            if index > 0 { line += "  " }
            line += columns[index].alignsRight ? space + text : index == cells.count - 1 ? text : text + space
        }
        return line + "\n"
    }
}
