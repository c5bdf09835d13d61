import CSodium
import Crypto
import FoundationEssentials
import Wire

/// What the deliveries of a webhook are signed with, and the receiver checks them by: 32 random bytes, shown once as
/// `whsec_` and base 64, as the Standard Webhooks specification has it.
struct WebhookSecret: Sendable {
    static let prefix: StaticString = "whsec_"
    static let length = 32

    let key: Secret

    /// A new one; nil would mean that a secret can't be as long as ``length``.
    static func random() -> WebhookSecret? {
        let bytes = Bytes(capacity: length)
        bytes.append(upTo: length) { room in
            randombytes_buf(room.baseAddress!, room.count)
            return room.count
        }
        return Secret(bytes).map(WebhookSecret.init)
    }

    /// For the one answer that shows it.
    var json: JSON {
        let text = Bytes(capacity: 64)
        text.append(Self.prefix)
        key.base64.withUnsafeBytes { text.append($0) }
        return .string(JSONString(text))
    }

    /// The header field `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`.
    ///
    /// - Parameter timestamp: seconds since 1970, those of `webhook-timestamp`.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let content = Array("\(id).\(timestamp).".utf8) + body
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        let code = Array(HMAC<SHA256>.authenticationCode(for: content, using: key))
        let text = Bytes(capacity: 64)
        code.withUnsafeBytes { Base64.encode($0, to: text) }
        return "v1,\(JSONString(text).text)"
    }
}
