import CSodium

/// A bearer token: `aifw_` and 32 random bytes in base64url. It is shown once and kept only as its hash.
struct BearerToken: Sendable, CustomStringConvertible {
    static let prefix = "aifw_"
    /// The number of characters: the prefix and 43 for 32 bytes.
    static let length = 48

    /// The token itself, for the one answer that shows it.
    let secret: String
    /// BLAKE2b-256 of the token's characters: what is stored and looked up. A token is 256 random bits, so a fast hash
    /// without salt is enough.
    let hash: [UInt8]

    /// A new token from the system's random numbers.
    static func random() -> BearerToken {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return BearerToken(unchecked: prefix + Base64URL.encode(bytes))
    }

    /// Nil unless it has a token's form.
    init?(_ text: Substring) {
        guard text.utf8.count == Self.length, text.hasPrefix(Self.prefix),
            Base64URL.decode(text.dropFirst(Self.prefix.count))?.count == 32
        else { return nil }
        self.init(unchecked: String(text))
    }

    private init(unchecked text: String) {
        secret = text
        hash = Self.hash(of: text)
    }

    private static func hash(of text: String) -> [UInt8] {
        let input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: 32)
        // It fails only for lengths outside 16…64.
        crypto_generichash(&output, output.count, input, UInt64(input.count), nil, 0)
        return output
    }

    var description: String { "(token)" }
}
