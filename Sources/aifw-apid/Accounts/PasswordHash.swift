import CSodium

/// A password as it is kept: Argon2id (RFC 9106) with its salt and its cost in one text, as crypto_pwhash_str(3) of
/// libsodium writes it.
///
/// To make one or to compare with one takes 64 MiB and about a tenth of a second: only on ``HashingThreads``.
struct PasswordHash: Sendable, Equatable {
    /// libsodium's cost for what people wait for (INTERACTIVE): passes over the memory, and its bytes.
    static let passes = UInt64(crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE)
    static let memory = Int(crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE)

    /// For the store alone.
    let text: String

    init(stored text: String) { self.text = text }

    /// Nil if there is no memory for it.
    init?(_ password: Password) {
        guard Self.isReady else { return nil }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_argon2id_STRBYTES))
        let status = password.withUnsafeBytes { bytes in
            crypto_pwhash_argon2id_str(&text, Self.characters(bytes), UInt64(bytes.count), Self.passes, Self.memory)
        }
        guard status == 0 else { return nil }
        self.text = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether it is that of `password`; the comparison takes the same time wherever they differ.
    func matches(_ password: Password) -> Bool {
        Self.isReady
            && password.withUnsafeBytes { bytes in
                crypto_pwhash_argon2id_str_verify(text, Self.characters(bytes), UInt64(bytes.count)) == 0
            }
    }

    /// That of a user who is not there: it costs what any other does, and nobody knows what it would be the hash of.
    static let ofNobody = PasswordHash(
        stored: "$argon2id$v=19$m=\(memory / 1024),t=\(passes),p=1$"
            + "bm8gc2FsdCBvZiBhbnlvbg$YW5kIG5vIGhhc2ggb2YgYW55IHBhc3N3b3JkIGF0IGE")

    /// Whether it is a hash at all, and of the cost that those have which are made here.
    var isOfStandardCost: Bool {
        Self.isReady && text.utf8.count < Int(crypto_pwhash_argon2id_STRBYTES) && text.utf8.allSatisfy { $0 > 0x20 }
            && crypto_pwhash_argon2id_str_needs_rehash(text, Self.passes, Self.memory) == 0
    }

    // The library picks the fastest code for this processor the first time.
    private static let isReady = sodium_init() >= 0

    private static func characters(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar> {
        bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
    }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
    var description: String { "(password hash)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
