import CSodium
import Wire

/// What a sealed secret is bound to: it opens under exactly the same and nothing else.
struct SealBinding: Equatable {
    let secretClass: SecretClass
    let purpose: SecretPurpose
    let object: ObjectID

    /// The associated data: 19 bytes, each part of a fixed length. The numbers are in stored secrets and never change.
    var bytes: [UInt8] {
        let classByte: UInt8 =
            switch secretClass {
            case .device: 1
            case .client: 2
            }
        let purposeByte: UInt8 =
            switch purpose {
            case .wireguardPrivateKey: 1
            case .wireguardPresharedKey: 2
            case .ipsecEncryptionKeyIn: 3
            case .ipsecEncryptionKeyOut: 4
            case .ipsecAuthenticationKeyIn: 5
            case .ipsecAuthenticationKeyOut: 6
            }
        return [Sealing.version, classByte, purposeByte] + object.bytes
    }
}

/// Sealed secrets, byte for byte: version, key id, nonce, ciphertext with its tag.
///
/// XChaCha20-Poly1305-IETF of libsodium with a random nonce of 24 bytes, of which no two will ever be the same
/// (draft-irtf-cfrg-xchacha-03, section 3.1).
enum Sealing {
    static let version: UInt8 = 1
    private static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    private static let tagLength = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    private static let headerLength = 1 + MasterKey.idLength
    /// What sealing adds to a secret: 49 bytes.
    static let overhead = headerLength + nonceLength + tagLength

    static func seal(_ secret: Secret, bound binding: SealBinding, under key: MasterKey) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: nonceLength)
        randombytes_buf(&nonce, nonceLength)
        var sealed = [version] + key.id.bytes + nonce
        var ciphertext = [UInt8](repeating: 0, count: secret.count + tagLength)
        let binding = binding.bytes
        secret.withUnsafeBytes { plain in
            key.sealing.withUnsafeBytes { key in
                _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                    &ciphertext, nil, plain.octets!, UInt64(plain.count), binding, UInt64(binding.count), nil, nonce,
                    key.octets!)
            }
        }
        sealed += ciphertext
        return sealed
    }

    /// Opens a sealed secret under whichever of `keys` it names.
    ///
    /// - Returns: nil if it is of another key, object, class or purpose, of a length that its purpose does not have, or
    ///   damaged; which of these is not told.
    static func open(_ sealed: [UInt8], bound binding: SealBinding, keys: [MasterKey]) -> Secret? {
        let length = sealed.count - overhead
        guard binding.purpose.lengths.contains(length), sealed[0] == version,
            let key = keys.first(where: { sealed[1..<headerLength].elementsEqual($0.id.bytes) })
        else { return nil }
        let nonce = Array(sealed[headerLength..<headerLength + nonceLength])
        let ciphertext = Array(sealed[(headerLength + nonceLength)...])
        let binding = binding.bytes
        let secret = Bytes(capacity: length)
        secret.append(upTo: length) { room in
            let opened = key.sealing.withUnsafeBytes { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    room.octets!, nil, nil, ciphertext, UInt64(ciphertext.count), binding, UInt64(binding.count), nonce,
                    key.octets!)
            }
            return opened == 0 ? length : 0
        }
        return Secret(secret)
    }
}
