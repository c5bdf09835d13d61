import Crypto
import HTTPTypes
import HummingbirdCore
import Synchronization
import Wire

/// A body that stays as it is while the process runs: made when it is first asked for, so that a daemon that nobody asks
/// does not hold it.
final class StandingContent: Sendable {
    private struct Made {
        let bytes: Bytes
        let tag: ETag
    }

    private let make: @Sendable () -> Bytes
    private let made = Mutex<Made?>(nil)

    init(_ make: @escaping @Sendable () -> Bytes) { self.make = make }

    /// How long it is.
    var count: Int { content.bytes.count }

    /// 200 with the content and its tag, by which a reader asks whether it is still the same.
    func response(_ type: String) -> Response {
        let content = content
        var response = Response.bytes(content.bytes, type: type)
        response.headers[.eTag] = content.tag.description
        response.headers[.cacheControl] = "no-cache"
        return response
    }

    private var content: Made {
        made.withLock { (made: inout Made?) -> Made in
            if let made { return made }
            let bytes = make()
            let hash = bytes.withUnsafeBytes { SHA256.hash(data: $0) }
            let tag = hash.prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            let new = Made(bytes: bytes, tag: ETag(opaque: tag))
            made = new
            return new
        }
    }
}
