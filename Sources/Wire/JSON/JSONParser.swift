/// The strict JSON reader of both daemons (RFC 8259, and no more).
///
/// Refused are: anything behind the value, a member given twice, a lone surrogate, invalid UTF-8, an unescaped control
/// character, a byte order mark, numbers in any but JSON's own form, nesting deeper than ``depthLimit``, and more than
/// ``markLimit`` combining marks in a row. Its time and memory are linear in the text.
public struct JSONParser {
    /// How deep arrays and objects may be nested.
    public static let depthLimit = 32
    /// How many combining marks may follow each other in a string (RFC 8259, section 9, leaves such limits to the reader).
    ///
    /// Swift compares and hashes texts in normal form, and to put a run of marks in order takes quadratic time: a mebibyte
    /// of them would hold a thread for minutes. A text of any language has a few (UAX #15, section 13, allows 30); as many
    /// as a name may have characters are let through, so that whatever is a name can be read.
    public static let markLimit = 64

    /// Reads the one value in `bytes`, from `start` to the end.
    ///
    /// Strings of the result share `bytes`; it is kept until the last of them is gone.
    /// - Parameter valueLimit: the most values, counted at every depth: a value takes more memory than the two bytes that
    ///   may stand for it, so whoever takes long texts says how many.
    public static func parse(
        _ bytes: Bytes, from start: Int = 0, valueLimit: Int = .max
    ) throws(JSONError) -> JSON {
        try bytes.withUnsafeBytes { (all) throws(JSONError) in
            var parser = JSONParser(bytes: bytes, input: all, valueLimit: valueLimit, position: start)
            parser.skipSpace()
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.position == all.count else { throw JSONError(.trailingBytes, at: parser.position) }
            return value
        }
    }

    private let bytes: Bytes
    private let input: UnsafeRawBufferPointer
    private let valueLimit: Int
    private var position: Int
    private var valueCount = 0

    private mutating func skipSpace() {
        while position < input.count {
            switch input[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONError) -> UInt8 {
        guard position < input.count else { throw JSONError(.endsTooSoon, at: position) }
        return input[position]
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= valueLimit else { throw JSONError(.tooManyValues(limit: valueLimit), at: position) }
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let byte: throw JSONError(.unexpectedByte(byte), at: position)
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            let byte = try peek()
            guard byte == word.utf8Start[index] else { throw JSONError(.unexpectedByte(byte), at: position) }
            position += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        guard depth <= Self.depthLimit else { throw JSONError(.tooDeep(limit: Self.depthLimit), at: position) }
        position += 1
        skipSpace()
        var elements: [JSON] = []
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","):
                position += 1
                skipSpace()
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            case let byte: throw JSONError(.unexpectedByte(byte), at: position)
            }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        guard depth <= Self.depthLimit else { throw JSONError(.tooDeep(limit: Self.depthLimit), at: position) }
        position += 1
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        var members: [JSON.Member] = []
        // Names are compared as bytes: a `String` would be normalized first, which takes quadratic time for some.
        var names: Set<[UInt8]> = []
        while true {
            let nameOffset = position
            let quote = try peek()
            guard quote == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(quote), at: position) }
            let text = try string()
            let name = text.text
            // Only objects that are unusually wide pay for a set; in others a look along the members is cheaper.
            if members.count == 16 { names = Set(members.map { Array($0.name.utf8) }) }
            let known =
                members.count < 16
                ? members.contains { $0.isNamed(name) } : !names.insert(text.withUTF8 { Array($0) }).inserted
            guard !known else { throw JSONError(.duplicateMember(name), at: nameOffset) }
            skipSpace()
            let colon = try peek()
            guard colon == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte(colon), at: position) }
            position += 1
            skipSpace()
            members.append(JSON.Member(name: name, value: try value(depth: depth)))
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","):
                position += 1
                skipSpace()
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            case let byte: throw JSONError(.unexpectedByte(byte), at: position)
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        if input[position] == UInt8(ascii: "-") { position += 1 }
        if try peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        var whole = true
        if position < input.count, input[position] == UInt8(ascii: ".") {
            whole = false
            position += 1
            try digits()
        }
        if position < input.count, input[position] | 0x20 == UInt8(ascii: "e") {
            whole = false
            position += 1
            if position < input.count, input[position] == UInt8(ascii: "+") || input[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        if position < input.count, isDigit(input[position]) { throw JSONError(.badNumber, at: start) }
        let text = String(decoding: input[start..<position], as: UTF8.self)
        // "-0" is no integer of ours: it would not be written back as it was read.
        if whole, text != "-0", let value = Int64(text) { return .integer(value) }
        return .number(text)
    }

    private mutating func digits() throws(JSONError) {
        guard isDigit(try peek()) else { throw JSONError(.badNumber, at: position) }
        while position < input.count, isDigit(input[position]) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> JSONString {
        position += 1
        let start = position
        var marks = 0
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                return JSONString(bytes: bytes, range: start..<(position - 1))
            case UInt8(ascii: "\\"):
                return try escapedString(from: start, after: marks)
            case 0x00..<0x20:
                throw JSONError(.controlCharacter, at: position)
            case 0x20..<0x80:
                marks = 0
                position += 1
            default:
                let first = position
                try count(try scalar(), in: &marks, at: first)
            }
        }
    }

    /// The rest of a string that has an escape: its text is put together in memory of its own. `marks` are those right
    /// before it.
    private mutating func escapedString(from start: Int, after marks: Int) throws(JSONError) -> JSONString {
        var marks = marks
        let text = Bytes(capacity: position - start + 32)
        text.append(UnsafeRawBufferPointer(rebasing: input[start..<position]))
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                return JSONString(text)
            case UInt8(ascii: "\\"):
                let first = position
                position += 1
                try count(try escape(into: text), in: &marks, at: first)
            case 0x00..<0x20:
                throw JSONError(.controlCharacter, at: position)
            case let byte where byte < 0x80:
                marks = 0
                text.append(byte)
                position += 1
            default:
                let first = position
                try count(try scalar(), in: &marks, at: first)
                text.append(UnsafeRawBufferPointer(rebasing: input[first..<position]))
            }
        }
    }

    /// Appends what an escape stands for, and returns its code point.
    private mutating func escape(into text: Bytes) throws(JSONError) -> UInt32 {
        let codePoint = try escape()
        append(codePoint, to: text)
        return codePoint
    }

    private mutating func escape() throws(JSONError) -> UInt32 {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            let offset = position - 2
            let unit = try fourHexDigits()
            guard UTF16.isLeadSurrogate(unit) else {
                guard !UTF16.isTrailSurrogate(unit) else { throw JSONError(.loneSurrogate, at: offset) }
                return UInt32(unit)
            }
            guard position + 1 < input.count, input[position] == UInt8(ascii: "\\"),
                input[position + 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: offset) }
            position += 2
            let trail = try fourHexDigits()
            guard UTF16.isTrailSurrogate(trail) else { throw JSONError(.loneSurrogate, at: offset) }
            return 0x10000 + (UInt32(unit - 0xD800) << 10) + UInt32(trail - 0xDC00)
        default: throw JSONError(.badEscape, at: position - 2)
        }
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt16 {
        guard position + 4 <= input.count else { throw JSONError(.endsTooSoon, at: input.count) }
        let digits = input[position..<position + 4]
        guard let unit: UInt16 = Base16.number(digits) else { throw JSONError(.badEscape, at: position) }
        position += 4
        return unit
    }

    private func append(_ codePoint: UInt32, to text: Bytes) {
        switch codePoint {
        case 0..<0x80:
            text.append(UInt8(codePoint))
        case 0x80..<0x800:
            text.append(UInt8(0xC0 | codePoint >> 6))
            text.append(UInt8(0x80 | codePoint & 0x3F))
        case 0x800..<0x10000:
            text.append(UInt8(0xE0 | codePoint >> 12))
            text.append(UInt8(0x80 | codePoint >> 6 & 0x3F))
            text.append(UInt8(0x80 | codePoint & 0x3F))
        default:
            text.append(UInt8(0xF0 | codePoint >> 18))
            text.append(UInt8(0x80 | codePoint >> 12 & 0x3F))
            text.append(UInt8(0x80 | codePoint >> 6 & 0x3F))
            text.append(UInt8(0x80 | codePoint & 0x3F))
        }
    }

    /// Steps over one character of two bytes or more and returns its code point; overlong forms, surrogates and what lies
    /// beyond U+10FFFF are refused (RFC 3629, section 4).
    private mutating func scalar() throws(JSONError) -> UInt32 {
        let first = input[position]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: position)
        }
        guard position + length <= input.count else { throw JSONError(.endsTooSoon, at: input.count) }
        guard second.contains(input[position + 1]) else { throw JSONError(.invalidUTF8, at: position) }
        for offset in 2..<max(length, 2) where input[position + offset] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: position)
        }
        let codePoint = input[(position + 1)..<(position + length)].reduce(UInt32(first) & (0x7F >> UInt32(length))) {
            $0 << 6 | UInt32($1 & 0x3F)
        }
        position += length
        return codePoint
    }

    /// Counts one character more, at `offset`, in the run of marks before it, and refuses a run that is too long.
    private func count(_ codePoint: UInt32, in marks: inout Int, at offset: Int) throws(JSONError) {
        // U+0300 is the first mark.
        guard codePoint >= 0x300, let scalar = Unicode.Scalar(codePoint), scalar.isMark else {
            marks = 0
            return
        }
        marks += 1
        guard marks <= Self.markLimit else { throw JSONError(.tooManyMarks(limit: Self.markLimit), at: offset) }
    }
}

extension Unicode.Scalar {
    /// Whether normal form may put it in order with its neighbours: it has a combining class, or is one of the few without
    /// that are made of such (U+0F73 and its like extend a letter as well).
    fileprivate var isMark: Bool {
        properties.canonicalCombiningClass != .notReordered || properties.isGraphemeExtend
    }
}
