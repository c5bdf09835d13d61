import CSodium
import Glibc
import Synchronization
import Wire

/// Seals the seeds of one-time passwords, and what webhooks are signed with, under a key of the API daemon's own, so that a
/// copy of the database alone has none.
///
/// The key is 32 random bytes in a file beside the database (mode 0600), made when the first seed is sealed. A sealed seed
/// is a version, a nonce and XChaCha20-Poly1305-IETF's ciphertext with its tag, bound to its user, or to its webhook.
final class SeedVault: Sendable {
    /// Why a seed could not be sealed or opened, in words for the log.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let version: UInt8 = 1
    private static let keyLength = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    private static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    private static let tagLength = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    private static let overhead = 1 + nonceLength + tagLength

    private let path: String
    private let known = Mutex<Secret?>(nil)

    /// - Parameter folder: where the database is.
    init(folder: String) { path = folder + "totp.key" }

    func seal(_ seed: Secret, for user: ObjectID) throws(Failure) -> [UInt8] {
        try seal(seed, boundTo: [Self.version] + user.bytes)
    }

    func open(_ sealed: [UInt8], for user: ObjectID) throws(Failure) -> OneTimePassword {
        let length = OneTimePassword.seedLength
        let seed = try open(sealed, length: length, boundTo: [Self.version] + user.bytes, "the seed of user \(user)")
        guard let password = OneTimePassword(seed: seed) else {
            throw Failure(description: "the seed of user \(user) is damaged")
        }
        return password
    }

    func seal(_ secret: WebhookSecret, of webhook: ObjectID) throws(Failure) -> [UInt8] {
        try seal(secret.key, boundTo: Self.binding(ofWebhook: webhook))
    }

    func openWebhookSecret(_ sealed: [UInt8], of webhook: ObjectID) throws(Failure) -> WebhookSecret {
        WebhookSecret(
            key: try open(
                sealed, length: WebhookSecret.length, boundTo: Self.binding(ofWebhook: webhook),
                "the secret of webhook \(webhook)"))
    }

    private static func binding(ofWebhook webhook: ObjectID) -> [UInt8] {
        [version] + webhook.bytes + Array("webhook".utf8)
    }

    private func seal(_ seed: Secret, boundTo binding: [UInt8]) throws(Failure) -> [UInt8] {
        let key = try key(making: true)
        var nonce = [UInt8](repeating: 0, count: Self.nonceLength)
        randombytes_buf(&nonce, nonce.count)
        var ciphertext = [UInt8](repeating: 0, count: seed.count + Self.tagLength)
        let status = seed.withUnsafeBytes { plain in
            key.withUnsafeBytes { key in
                crypto_aead_xchacha20poly1305_ietf_encrypt(
                    &ciphertext, nil, Self.octets(plain), UInt64(plain.count), binding, UInt64(binding.count), nil,
                    nonce, Self.octets(key))
            }
        }
        guard status == 0 else { throw Failure(description: "a seed could not be sealed") }
        return [Self.version] + nonce + ciphertext
    }

    private func open(
        _ sealed: [UInt8], length: Int, boundTo binding: [UInt8], _ name: String
    ) throws(Failure) -> Secret {
        let key = try key(making: false)
        guard sealed.count == length + Self.overhead, sealed[0] == Self.version else {
            throw Failure(description: "\(name) is damaged")
        }
        let nonce = Array(sealed[1...Self.nonceLength])
        let ciphertext = Array(sealed[(1 + Self.nonceLength)...])
        let seed = Bytes(capacity: length)
        seed.append(upTo: length) { room in
            let opened = key.withUnsafeBytes { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    room.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, ciphertext,
                    UInt64(ciphertext.count), binding, UInt64(binding.count), nonce, Self.octets(key))
            }
            return opened == 0 ? length : 0
        }
        guard let opened = Secret(seed) else { throw Failure(description: "\(name) does not open under \(path)") }
        return opened
    }

    // MARK: The key's file

    private func key(making: Bool) throws(Failure) -> Secret {
        try known.withLock { (known) throws(Failure) in
            if let known { return known }
            let key: Secret
            if let there = try read() {
                key = there
            } else {
                guard making else {
                    throw Failure(description: "\(path) is missing: what it sealed can't be opened")
                }
                key = try make()
            }
            known = key
            return key
        }
    }

    /// Nil if there is no file; one of another account's, or of another length, is refused.
    private func read() throws(Failure) -> Secret? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("can't be read", errno)
        }
        defer { close(file) }
        // As of the database: whatever mode it came back with from a backup.
        guard fchmod(file, 0o600) == 0 else { throw failure("can't be made its owner's alone", errno) }
        let bytes = Bytes(capacity: Self.keyLength + 1)
        bytes.append(upTo: Self.keyLength + 1) { room in max(Glibc.read(file, room.baseAddress, room.count), 0) }
        guard bytes.count == Self.keyLength, let key = Secret(bytes) else {
            throw Failure(description: "\(path) must be \(Self.keyLength) bytes long")
        }
        return key
    }

    /// Written beside its place under another name, synced, then renamed: it is there whole or not at all.
    private func make() throws(Failure) -> Secret {
        let bytes = Bytes(capacity: Self.keyLength)
        bytes.append(upTo: Self.keyLength) { room in
            randombytes_buf(room.baseAddress!, room.count)
            return room.count
        }
        let temporary = path + ".new"
        unlink(temporary)
        let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("can't be made", errno) }
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, fchmod(file, 0o600) == 0, fsync(file) == 0, rename(temporary, path) == 0 else {
            let reason = errno
            unlink(temporary)
            throw failure("can't be written", reason)
        }
        guard let key = Secret(bytes) else { throw failure("can't be used", 0) }
        return key
    }

    private func failure(_ what: String, _ reason: Int32) -> Failure {
        Failure(description: "\(path) \(what) (errno \(reason))")
    }

    private static func octets(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8> {
        bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    }
}
