public import Wire

extension QRCode {
    /// The code as a picture: an SVG document (SVG 1.1) that refers to nothing outside it.
    ///
    /// Black on a white ground of its own, so that it can be read on a dark page too; one unit is one module, eight pixels
    /// unless the page says otherwise. All dark modules are one path, for between shapes of their own a renderer would leave
    /// hairlines.
    public var svg: Bytes {
        let text = Bytes(capacity: 512 + side * side * 8)
        text.append(#"<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="QR code" width=""#)
        Self.append(outerSide * 8, to: text)
        text.append(#"" height=""#)
        Self.append(outerSide * 8, to: text)
        text.append(#"" viewBox="0 0 "#)
        Self.append(outerSide, to: text)
        text.append(" ")
        Self.append(outerSide, to: text)
        text.append(#"" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="white"/>"#)
        text.append(#"<path fill="black" d=""#)
        for row in 0..<side { appendRuns(of: row, to: text) }
        text.append("\"/></svg>\n")
        return text
    }

    /// Each run of dark modules of a row as a rectangle: `M4 4h7v1H4z`.
    private func appendRuns(of row: Int, to text: Bytes) {
        var column = 0
        while column < side {
            guard isDark(row: row, column: column) else {
                column += 1
                continue
            }
            let start = column
            while isDark(row: row, column: column) { column += 1 }
            text.append("M")
            Self.append(start + Self.quietZone, to: text)
            text.append(" ")
            Self.append(row + Self.quietZone, to: text)
            text.append("h")
            Self.append(column - start, to: text)
            text.append("v1H")
            Self.append(start + Self.quietZone, to: text)
            text.append("z")
        }
    }

    /// A number in decimal digits, without a `String` on the way.
    private static func append(_ number: Int, to text: Bytes) {
        if number >= 10 { append(number / 10, to: text) }
        text.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
