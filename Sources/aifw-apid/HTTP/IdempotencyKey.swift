import CSodium
import HTTPTypes
import HummingbirdCore
import Wire

/// The value of `Idempotency-Key`: what a client names one attempt to do something by, however often it asks
/// (draft-ietf-httpapi-idempotency-key-header). Best is a new random UUID for each.
struct IdempotencyKey: Sendable {
    /// The most characters.
    static let limit = 255

    private let bytes: [UInt8]

    /// Nil if there is none; throws 422 unless it is 1 to 255 printable characters of ASCII, and given once.
    init?(_ headers: HTTPFields) throws(Problem) {
        let values = headers[values: .idempotencyKey]
        guard let value = values.first else { return nil }
        guard values.count == 1, (1...Self.limit).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw Problem.invalid([
                .init(
                    field: "Idempotency-Key",
                    detail: "must be given once, with 1 to \(Self.limit) printable characters of ASCII")
            ])
        }
        bytes = Array(value.utf8)
    }

    /// The request as the store keeps it.
    ///
    /// The hash of what is asked is keyed with the key, of which again only a hash is kept: a body may hold a password, and
    /// who has the database must not be able to try passwords against it.
    func request(_ request: APIRequest, body: Bytes, from caller: String) -> IdempotentRequest {
        let id = Self.hash(Self.joined([Array("id".utf8), Array(caller.utf8), bytes]), length: 32)
        let secret = Self.hash(Self.joined([Array("fingerprint".utf8), bytes]), length: 64)
        let asked = Self.joined([Array(request.method.rawValue.utf8), Array(request.uri.string.utf8)])
        let digest = body.withUnsafeBytes { Self.hash($0, length: 32, key: secret) }
        return IdempotentRequest(
            caller: caller, id: id, fingerprint: Self.hash(asked + digest, length: 32, key: secret))
    }

    /// Each part with a zero behind it, which none of them has.
    private static func joined(_ parts: [[UInt8]]) -> [UInt8] { parts.flatMap { $0 + [0] } }

    private static func hash(_ input: [UInt8], length: Int, key: [UInt8] = []) -> [UInt8] {
        input.withUnsafeBytes { hash($0, length: length, key: key) }
    }

    /// BLAKE2b (RFC 7693).
    private static func hash(_ input: UnsafeRawBufferPointer, length: Int, key: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        // It fails only for lengths outside 16…64.
        crypto_generichash(
            &output, length, input.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(input.count), key, key.count
        )
        return output
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
}

extension Caller {
    /// What a caller's idempotency keys are kept under; nil for who has none, since nobody else could tell them apart.
    var keeper: String? {
        switch kind {
        case .anyone: nil
        case .account(let uid): "account \(uid)"
        case .token(let id): "token \(id)"
        case .user(let id): "user \(id)"
        }
    }
}
