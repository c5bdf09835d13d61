internal import CLinux
internal import Wire

/// An algorithm with its key as XFRM lists it: `xfrm_algo`, or `xfrm_algo_auth` and `xfrm_algo_aead`, which have a number
/// of bits more.
///
/// Valid only as long as the memory it was made from: the key stays there.
struct ListedAlgorithm {
    /// Where the name of 64 bytes ends, and the numbers begin; the key comes behind them.
    static let keyBitsOffset = 64
    static let tagBitsOffset = 68

    let name: String
    let key: UnsafeRawBufferPointer
    /// How many bits of the tag are sent; nil for a cipher.
    let tagBits: UInt32?

    /// Nil if the key is not whole.
    ///
    /// - Parameter hasTag: whether it has the number of bits that are sent.
    init?(_ payload: UnsafeRawBufferPointer, hasTag: Bool) {
        let size = Self.size(hasTag: hasTag)
        guard payload.count >= size else { return nil }
        let bits = payload.loadUnaligned(fromByteOffset: Self.keyBitsOffset, as: UInt32.self)
        guard bits % 8 == 0, payload.count - size >= Int(bits / 8) else { return nil }
        name = String(decoding: payload.prefix(Self.keyBitsOffset).prefix { $0 != 0 }, as: UTF8.self)
        key = UnsafeRawBufferPointer(rebasing: payload[size..<size + Int(bits / 8)])
        tagBits = hasTag ? payload.loadUnaligned(fromByteOffset: Self.tagBitsOffset, as: UInt32.self) : nil
    }

    /// The bytes before the key.
    static func size(hasTag: Bool) -> Int {
        hasTag ? MemoryLayout<xfrm_algo_auth>.size : MemoryLayout<xfrm_algo>.size
    }
}

extension EncryptionAlgorithm {
    /// Of all those that authenticate: 16 bytes (RFC 4106, section 6; RFC 7634, section 2).
    static let tagBits: UInt32 = 128

    /// The name in the kernel's list (net/xfrm/xfrm_algo.c).
    var kernelName: String {
        switch self {
        case .aes256GCM, .aes128GCM: "rfc4106(gcm(aes))"
        case .chacha20Poly1305: "rfc7539esp(chacha20,poly1305)"
        case .aes256CBC: "cbc(aes)"
        }
    }

    /// Nil if it is none of ours, or has a key of another length, or another tag.
    init?(_ listed: ListedAlgorithm) {
        let found = Self.allCases.first {
            $0.kernelName == listed.name && $0.keyLength == listed.key.count
                && listed.tagBits == ($0.isAuthenticated ? Self.tagBits : nil)
        }
        guard let found else { return nil }
        self = found
    }
}

extension AuthenticationAlgorithm {
    /// The name in the kernel's list (net/xfrm/xfrm_algo.c).
    var kernelName: String {
        switch self {
        case .hmacSHA256: "hmac(sha256)"
        case .hmacSHA384: "hmac(sha384)"
        case .hmacSHA512: "hmac(sha512)"
        }
    }

    /// Nil if it is none of ours, or has a key of another length, or another tag.
    init?(_ listed: ListedAlgorithm) {
        let found = Self.allCases.first {
            $0.kernelName == listed.name && $0.keyLength == listed.key.count && $0.sentBits == listed.tagBits
        }
        guard let found else { return nil }
        self = found
    }
}
