import Testing
import Wire

struct JSONParserTests {
    private func parse(_ text: String) throws -> JSON { try JSONParser.parse(Bytes(text.utf8)) }

    @Test(arguments: [
        #"null"#, #"true"#, #"false"#, #"0"#, #"-1"#, #"9223372036854775807"#, #"-9223372036854775808"#, #"1.5"#,
        #"1e3"#, #"-0"#, #"18446744073709551616"#, #""""#, #""a\"b\\c""#, #""ä€𝄞""#, #"[]"#, #"{}"#,
        #"[1,"a",null,[true]]"#, #"{"a":{"b":[1]},"c":""}"#,
    ])
    func `A text in our own form is written back as it was read`(text: String) throws {
        #expect(String(decoding: try parse(text).serialized.array, as: UTF8.self) == text)
    }

    @Test func `White space and escapes are understood`() throws {
        let value = try parse(" {\t\"a\" :\r\n[ 1 , \"\\u00e4\\ud834\\udd1e\\/\\b\\f\\n\\r\\t\" ] } ")
        #expect(value["a"]?.elements?[0] == 1)
        #expect(value["a"]?.elements?[1].text == "ä𝄞/\u{8}\u{C}\n\r\t")
    }

    @Test func `Values are counted at every depth, and one too many is refused where it begins`() throws {
        let text = Bytes(#"[1,{"a":[2]}]"#.utf8)
        #expect(throws: Never.self) { try JSONParser.parse(text, valueLimit: 5) }
        #expect(throws: JSONError(.tooManyValues(limit: 4), at: 9)) { try JSONParser.parse(text, valueLimit: 4) }
    }

    @Test func `Whole numbers are told from all others`() throws {
        #expect(try parse("51820") == .integer(51820))
        #expect(try parse("51820.0") == .number("51820.0"))
        #expect(try parse("1e3") == .number("1e3"))
        #expect(try parse("-0") == .number("-0"))
    }

    @Test(arguments: [
        ("", JSONError.Reason.endsTooSoon), (" ", .endsTooSoon), ("{", .endsTooSoon), (#"{"a""#, .endsTooSoon),
        (#"{"a":1"#, .endsTooSoon), ("[1", .endsTooSoon), (#""abc"#, .endsTooSoon), ("tru", .endsTooSoon),
        ("nul!", .unexpectedByte(0x21)), ("[1,]", .unexpectedByte(0x5D)), ("{,}", .unexpectedByte(0x2C)),
        (#"{"a":1,}"#, .unexpectedByte(0x7D)), ("'a'", .unexpectedByte(0x27)), ("NaN", .unexpectedByte(0x4E)),
        ("+1", .unexpectedByte(0x2B)), (".5", .unexpectedByte(0x2E)), ("\u{FEFF}1", .unexpectedByte(0xEF)),
        ("01", .badNumber), ("-", .endsTooSoon), ("-a", .badNumber), ("1.", .endsTooSoon), ("1.a", .badNumber),
        ("1e", .endsTooSoon), ("1e+", .endsTooSoon), ("1 2", .trailingBytes), ("{}x", .trailingBytes),
        (#"{"a":1,"a":2}"#, .duplicateMember("a")), (#"{"a":1,"\u0061":2}"#, .duplicateMember("a")),
        (#""\x""#, .badEscape), (#""\u12g4""#, .badEscape), (#""\ud800""#, .loneSurrogate),
        (#""\udc00""#, .loneSurrogate), (#""\ud800\u0041""#, .loneSurrogate), ("\"a\nb\"", .controlCharacter),
        ("\"\u{0}\"", .controlCharacter),
    ])
    func `What is not JSON as we take it is refused with its reason`(text: String, reason: JSONError.Reason) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.reason == reason)
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xFF], [0xE2, 0x82], [0xC3, 0x22],
        ] as [[UInt8]])
    func `Invalid UTF-8 is refused`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Bytes([0x22] + bytes + [0x22])) }
    }

    @Test func `Nesting has a limit`() throws {
        let limit = JSONParser.depthLimit
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        _ = try parse(deepest)
        let error = #expect(throws: JSONError.self) { try parse("[\(deepest)]") }
        #expect(error?.reason == .tooDeep(limit: limit))
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            // Two classes that change places; a letter's extension that is made of marks without being one.
            "\u{0301}\u{0316}", "\u{0F73}\u{0F71}", #"\u0301\u0316"#, "\u{0301}\\u0316", #"\ud804\udf3b"#,
        ])
    func `Combining marks in a row have a limit, whatever they are written as`(marks: String) throws {
        let limit = JSONParser.markLimit
        let bomb = String(repeating: marks, count: 100_000)
        for text in ["\"a\(bomb)\"", "{\"a\(bomb)\":1}", "[{\"a\":\"\\n\(bomb)\"}]"] {
            let error = #expect(throws: JSONError.self) { try parse(text) }
            #expect(error?.reason == .tooManyMarks(limit: limit))
        }
        // What is between them may be any letter.
        let most = String(repeating: "a\(marks)", count: 1000)
        _ = try parse("\"\(most)\"")
    }

    @Test func `The limit of marks is met exactly, with escapes or without`() throws {
        let limit = JSONParser.markLimit
        let most = String(repeating: "\u{0301}", count: limit)
        #expect(try parse("\"a\(most)a\(most)\\n\(most)\"").text == "a\(most)a\(most)\n\(most)")
        for text in ["\"\(most)\\u0301\"", "\"\\u0301\(most)\"", "\"\(most)\u{0301}\""] {
            #expect(throws: JSONError.self) { try parse(text) }
        }
    }

    @Test func `A duplicate is found in a wide object too`() throws {
        let members = (0..<100).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        #expect(try parse("{\(members)}")["m99"] == 99)
        for index in [0, 15, 16, 17, 99] {
            let error = #expect(throws: JSONError.self) { try parse("{\(members),\"m\(index)\":0}") }
            #expect(error?.reason == .duplicateMember("m\(index)"))
        }
    }

    @Test func `Random damage never does worse than a refusal`() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e4\n"],"b":{"c":null,"d":true},"e":"€𝄞"}"#.utf8)
        var generator = SeededGenerator(state: 42)
        for _ in 0..<20_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: damaged.remove(at: index)
                default: damaged.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            if let value = try? JSONParser.parse(Bytes(damaged)) {
                #expect(try JSONParser.parse(value.serialized) == value)
            }
        }
    }
}

/// A generator that gives the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONParserTests {
    @Test func `Member names are compared byte for byte, whatever Unicode says of them`() throws {
        // The same letter in two forms, which a `String` takes for one.
        let value = try JSONParser.parse(Bytes("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        guard case .object(let members) = value else { return }
        #expect(members.count == 2)
        #expect(value["e\u{301}"] == 2)
    }
}
