import Wire

/// What a browser has of its session: 32 random bytes in the cookie, of which only the hash is kept here.
struct SessionSecret: Sendable {
    /// The prefix `__Host-` has browsers refuse it without `Secure`, with a `Domain` or another path (RFC 6265bis,
    /// section 4.1.3.2).
    static let cookieName = "__Host-aifw"

    private let bytes: [UInt8]

    static func random() -> SessionSecret {
        var generator = SystemRandomNumberGenerator()
        return SessionSecret(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The one in a `Cookie` header (RFC 6265, section 4.2); nil if there is none of the right form.
    init?(cookieHeader: String?) {
        for pair in (cookieHeader ?? "").split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == Self.cookieName else { continue }
            guard parts[1].utf8.count == 43, let bytes = Base64URL.decode(parts[1]), bytes.count == 32 else {
                return nil
            }
            self.init(bytes: bytes)
            return
        }
        return nil
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// BLAKE2b-256 of the 32 bytes: what is stored and looked up.
    var hash: [UInt8] { BLAKE2b.hash(bytes) }

    /// What a page of ours sends as `X-CSRF-Token`: it comes from the cookie, which scripts can't read, and does not lead
    /// back to it.
    var csrfToken: String { Base64URL.encode(BLAKE2b.hash("csrf".utf8, key: bytes)) }

    /// Compared in constant time.
    func isCSRFToken(_ text: String) -> Bool { BLAKE2b.areEqual(Array(csrfToken.utf8), Array(text.utf8)) }

    /// The value of `Set-Cookie` that gives it to the browser for so many seconds.
    func cookie(seconds: Int64) -> String { Self.cookie("\(Base64URL.encode(bytes))", seconds: seconds) }

    /// The value of `Set-Cookie` that takes it away.
    static let noCookie = cookie("", seconds: 0)

    private static func cookie(_ value: String, seconds: Int64) -> String {
        "\(cookieName)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Strict"
    }
}

extension SessionSecret: CustomStringConvertible, CustomReflectable {
    var description: String { "(session)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
