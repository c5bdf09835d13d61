import Testing
import Wire

@testable import QR

@Suite struct `A QR code` {
    /// The dark modules of a code, row by row, read back from what was drawn.
    private func modules(ofBlocks text: String, side: Int) -> [[Bool]] {
        let lines = text.split(separator: "\n").map(Array.init)
        let zone = QRCode.quietZone
        return (zone..<(side + zone)).map { row in
            (zone..<(side + zone)).map { column in
                let block = lines[row / 2][column]
                return block == "█" || block == (row.isMultiple(of: 2) ? "▀" : "▄")
            }
        }
    }

    private func modules(_ code: borrowing QRCode) -> [[Bool]] {
        var modules: [[Bool]] = []
        for row in 0..<code.side {
            modules.append([])
            for column in 0..<code.side { modules[row].append(code.isDark(row: row, column: column)) }
        }
        return modules
    }

    private func text(_ bytes: Bytes) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    private func code(of count: Int) throws(QRCodeError) -> QRCode {
        try QRCode(Bytes((0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }))
    }

    // The capacities of 8-bit mode are those of ISO/IEC 18004, table 7.
    @Test(arguments: [
        (1, 21, QRCode.Level.m), (14, 21, .m), (15, 25, .m), (331, 69, .m), (332, 65, .l), (425, 69, .l),
        (426, 73, .l), (2303, 157, .l), (2304, 161, .l), (2953, 177, .l),
    ])
    func `is as small as its bytes allow, and of level M as long as 80 columns show it`(
        count: Int, side: Int, level: QRCode.Level
    ) throws {
        let code = try code(of: count)
        #expect(code.side == side)
        #expect(code.level == level)
        #expect(code.outerSide == side + 8)
    }

    @Test(arguments: [2954, 100_000])
    func `of more bytes than the largest holds is none`(count: Int) {
        #expect(throws: QRCodeError.tooLarge(count: count)) { _ = try code(of: count) }
    }

    @Test func `of nothing is none`() {
        #expect(throws: QRCodeError.notMade(errno: 22)) { _ = try QRCode(Bytes()) }
    }

    @Test(arguments: [14, 331, 425, 2953])
    func `has finder patterns in three corners, timing patterns between them and its level in its format`(
        count: Int
    ) throws {
        let code = try code(of: count)
        let finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
        for (top, left) in [(0, 0), (0, code.side - 7), (code.side - 7, 0)] {
            for row in -1...7 {
                for column in -1...7 {
                    let inside = (0..<7).contains(row) && (0..<7).contains(column)
                    let dark = inside && Array(finder[row])[column] == "1"
                    let isDark = code.isDark(row: top + row, column: left + column)
                    #expect(isDark == dark, "finder at \(top), \(left): row \(row), column \(column)")
                }
            }
        }
        for place in 8..<(code.side - 8) {
            let timing = [code.isDark(row: 6, column: place), code.isDark(row: place, column: 6)]
            #expect(timing == [place.isMultiple(of: 2), place.isMultiple(of: 2)], "timing at \(place)")
        }
        // Section 7.9: the level's two bits, 00 for M and 01 for L, under the mask 10.
        let format = [code.isDark(row: 8, column: 0), code.isDark(row: 8, column: 1)]
        #expect(format == (code.level == .m ? [true, false] : [true, true]))
    }

    @Test(arguments: [14, 331, 2953])
    func `is drawn in blocks with a quiet zone, module by module`(count: Int) throws {
        let code = try code(of: count)
        let (side, outerSide, expected) = (code.side, code.outerSide, modules(code))
        let drawn = text(code.blocks(painted: false))
        #expect(modules(ofBlocks: drawn, side: side) == expected)
        let lines = drawn.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        #expect(lines.count == (outerSide + 1) / 2 + 1)
        #expect(lines.dropLast().allSatisfy { $0.count == outerSide })
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("    ") && $0.hasSuffix("    ") })
        let blank = String(repeating: " ", count: outerSide)
        #expect(lines[0] == blank && lines[1] == blank && lines[lines.count - 3] == blank)
    }

    @Test func `is black on white on a terminal, whose own colours come back with each line's end`() throws {
        let code = try code(of: 14)
        let plain = text(code.blocks(painted: false)).split(separator: "\n")
        let painted = text(code.blocks(painted: true)).split(separator: "\n")
        #expect(painted == plain.map { "\u{1B}[38;5;16;48;5;231m\($0)\u{1B}[0m" })
    }

    @Test(arguments: [14, 331, 2953])
    func `is drawn as SVG in one path on a white ground, module by module`(count: Int) throws {
        let code = try code(of: count)
        let (side, expected) = (code.side, modules(code))
        let svg = text(code.svg)
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="QR code" width="\((side + 8) * 8)" \
            height="\((side + 8) * 8)" viewBox="0 0 \(side + 8) \(side + 8)" shape-rendering="crispEdges">\
            <rect width="100%" height="100%" fill="white"/><path fill="black" d="
            """
        let tail = "\"/></svg>\n"
        try #require(svg.hasPrefix(head) && svg.hasSuffix(tail))
        var drawn = [[Bool]](repeating: [Bool](repeating: false, count: side), count: side)
        for run in svg.dropFirst(head.count).dropLast(tail.count).split(separator: "z") {
            let match = try #require(try #/M(\d+) (\d+)h(\d+)v1H(\d+)/#.wholeMatch(in: run))
            let numbers = [match.1, match.2, match.3, match.4].compactMap { Int($0) }
            #expect(numbers[0] == numbers[3])
            for column in 0..<numbers[2] { drawn[numbers[1] - 4][numbers[0] - 4 + column] = true }
        }
        #expect(drawn == expected)
    }
}
