import CSodium
import Wire

/// The code by which the first administrator is made: 128 random bits in base 32, as `ABCDE-FGHIJ-…`.
///
/// Who types it may leave the hyphens out and use either case. Only its hash is kept.
struct SetupCode: Sendable {
    static let lifetime: Int64 = 15 * 60_000
    static let tries = 5
    private static let length = 26

    /// The 26 characters, without hyphens.
    private let characters: Bytes

    static func random() -> SetupCode {
        let random = Bytes(capacity: 16)
        random.append(upTo: 16) { room in
            randombytes_buf(room.baseAddress!, room.count)
            return room.count
        }
        let characters = Bytes(capacity: length)
        random.withUnsafeBytes { Base32.encode($0, to: characters) }
        return SetupCode(characters: characters)
    }

    /// What somebody says is the code; nil if it has not the form of any.
    init?(json: JSONString) {
        let characters = Bytes(capacity: Self.length)
        let isWhole = json.withUTF8 { text in
            for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: " ") {
                let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
                guard characters.count < Self.length, Base32.alphabet.contains(upper) else { return false }
                characters.append(upper)
            }
            return characters.count == Self.length
        }
        guard isWhole else { return nil }
        self.init(characters: characters)
    }

    private init(characters: Bytes) { self.characters = characters }

    /// BLAKE2b-256 of the characters: what is stored.
    var hash: [UInt8] { characters.withUnsafeBytes { BLAKE2b.hash($0) } }

    /// For the one answer that shows it: in groups of five.
    var shown: JSON {
        let text = Bytes(capacity: Self.length + 5)
        for index in 0..<Self.length {
            if index % 5 == 0, index > 0, index < Self.length - 1 { text.append(UInt8(ascii: "-")) }
            text.append(characters[index])
        }
        return .string(JSONString(text))
    }
}

extension SetupCode: CustomStringConvertible, CustomReflectable {
    var description: String { "(set-up code)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
