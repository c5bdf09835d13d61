import CSodium

/// BLAKE2b-256 (RFC 7693) of a few bytes. What is hashed here is random and long, so a fast hash without salt is enough.
enum BLAKE2b {
    static let length = 32

    /// - Parameter key: 32 bytes, for a hash that only who has them can make; empty for none.
    static func hash(_ input: some Collection<UInt8>, key: [UInt8] = []) -> [UInt8] {
        let input = Array(input)
        var output = [UInt8](repeating: 0, count: length)
        // It fails only for lengths that it does not have.
        crypto_generichash(&output, length, input, UInt64(input.count), key.isEmpty ? nil : key, key.count)
        return output
    }

    /// Whether two hashes or texts are the same, in a time that depends on their lengths only (sodium_memcmp(3)).
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }
}
