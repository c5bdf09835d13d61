public import Wire

extension QRCode {
    /// The code as lines of text, two rows of modules a line: a column of a terminal is about half as wide as high.
    ///
    /// - Parameter painted: colours it black on white, so that it can be read on terminals of any colours. Otherwise a
    ///   block is a dark module, as on paper.
    public func blocks(painted: Bool) -> Bytes {
        let text = Bytes(capacity: outerSide * (outerSide + 32) * 2)
        for row in stride(from: -Self.quietZone, to: side + Self.quietZone, by: 2) {
            // The black and the white of the colour cube (xterm-256color), for the first 16 are a matter of taste.
            if painted { text.append("\u{1B}[38;5;16;48;5;231m") }
            for column in -Self.quietZone..<(side + Self.quietZone) {
                switch (isDark(row: row, column: column), isDark(row: row + 1, column: column)) {
                case (false, false): text.append(" ")
                case (true, false): text.append("▀")
                case (false, true): text.append("▄")
                case (true, true): text.append("█")
                }
            }
            text.append(painted ? "\u{1B}[0m\n" : "\n")
        }
        return text
    }
}
