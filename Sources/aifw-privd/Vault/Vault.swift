import CSodium
import Wire

/// The vault: makes keys, seals and opens them. It keeps no secret but its own master keys.
struct Vault {
    /// The current key first; secrets are sealed under it. There is a second while keys are rotated.
    private let keys: [MasterKey]
    private var current: MasterKey { keys[0] }
    /// What new secrets say that they are under.
    var currentKey: SealingKeyID { current.id }

    /// Nil where no recovery key is set: then device keys leave the helper in no form.
    private let recovery: Recovery?
    var hasRecovery: Bool { recovery != nil }

    /// - Precondition: there is a key.
    init(keys: [MasterKey], recovery: Recovery? = nil) {
        precondition(!keys.isEmpty, "a vault has a key")
        self.keys = keys
        self.recovery = recovery
    }

    /// Makes or takes each secret and seals it.
    func seal(_ request: Seal) throws(Refusal) -> Seal.Answer {
        var sealed: [Seal.Answer.Item] = []
        sealed.reserveCapacity(request.secrets.count)
        for (index, item) in request.secrets.enumerated() {
            sealed.append(try seal(item, field: "secrets[\(index)]"))
        }
        return Seal.Answer(sealed)
    }

    private func seal(_ item: Seal.Item, field: String) throws(Refusal) -> Seal.Answer.Item {
        if item.purpose.hasFingerprint, item.secretClass == .device {
            throw Refusal(
                .policy, "a key that both ends have is of class client: the far end must be told",
                field: "\(field).class")
        }
        let binding = SealBinding(secretClass: item.secretClass, purpose: item.purpose, object: item.object)
        let secret: Secret
        switch item.origin {
        case .made(let length):
            try check(length, for: item.purpose, field: "\(field).length")
            secret = try Self.make(item.purpose, length: length)
        case .given(let key):
            try check(key.count, for: item.purpose, field: "\(field).given")
            secret = key
        case .box(let box): secret = try open(box, bound: binding, field: "\(field).box")
        }
        guard secret.withUnsafeBytes({ sodium_is_zero($0.octets!, $0.count) }) == 0 else {
            throw Refusal(.policy, "must not be the key of all zeros", field: "\(field).given")
        }
        let blob = try seal(secret, bound: binding, field: field)
        return item.purpose.hasFingerprint
            ? Seal.Answer.Item(blob, fingerprint: secret.withUnsafeBytes(fingerprint))
            : Seal.Answer.Item(blob, publicKey: try Self.publicKey(of: try Self.key(secret, field: field)))
    }

    private func check(_ length: Int, for purpose: SecretPurpose, field: String) throws(Refusal) {
        guard !purpose.lengths.contains(length) else { return }
        let lengths = purpose.lengths.sorted().map(String.init).joined(separator: ", ")
        let words = "must be one of \(lengths) bytes for purpose \(purpose.rawValue), not \(length)"
        throw Refusal(.policy, words, field: field)
    }

    private func open(_ box: RecoveryBox, bound binding: SealBinding, field: String) throws(Refusal) -> Secret {
        guard binding.secretClass == .device else {
            throw Refusal(.policy, "holds a key of class device; no other is boxed", field: field)
        }
        guard let recovery else {
            throw Refusal(.policy, "can't be opened before root runs aifw-privd --recovery-import", field: field)
        }
        guard let secret = try recovery.open(box, bound: binding, field: field) else {
            throw Refusal(.unsealable, "does not open: damaged, or of another recovery key or object", field: field)
        }
        return secret
    }

    private func seal(_ secret: Secret, bound binding: SealBinding, field: String) throws(Refusal) -> SealedSecret {
        guard let blob = SealedSecret(bytes: Sealing.seal(secret, bound: binding, under: current)) else {
            throw Refusal(.limit, "the sealed secret is too long", field: field)
        }
        return blob
    }

    /// Seals each secret anew under the current key and the same binding; all of them, or none. Device keys are boxed for
    /// the recovery key beside.
    func reseal(_ request: Reseal) throws(Refusal) -> Reseal.Answer {
        var sealed: [Reseal.Answer.Item] = []
        sealed.reserveCapacity(request.secrets.count)
        for (index, item) in request.secrets.enumerated() {
            let field = "secrets[\(index)].secret"
            let binding = SealBinding(secretClass: item.secretClass, purpose: item.purpose, object: item.object)
            let secret = try open(item.secret, bound: binding, field: field)
            sealed.append(
                Reseal.Answer.Item(
                    try seal(secret, bound: binding, field: field),
                    fingerprint: item.purpose.hasFingerprint ? secret.withUnsafeBytes(fingerprint) : nil,
                    box: item.secretClass == .device ? recovery?.box(secret, bound: binding) : nil))
        }
        return Reseal.Answer(sealed)
    }

    /// Opens secrets of class client; a secret of class device does not open under it, whatever the request says.
    func reveal(_ request: Reveal) throws(Refusal) -> Reveal.Answer {
        var secrets: [Secret] = []
        secrets.reserveCapacity(request.secrets.count)
        for (index, item) in request.secrets.enumerated() {
            let binding = SealBinding(secretClass: .client, purpose: item.purpose, object: item.object)
            secrets.append(try open(item.secret, bound: binding, field: "secrets[\(index)].secret"))
        }
        return Reveal.Answer(secrets)
    }

    /// Opens a WireGuard key for configuring an interface.
    func openKey(_ sealed: SealedSecret, bound binding: SealBinding, field: String) throws(Refusal) -> SecretKey {
        try Self.key(try open(sealed, bound: binding, field: field), field: field)
    }

    /// Opens a secret for configuring the kernel.
    ///
    /// - Parameter field: where it stands in the request.
    func open(_ sealed: SealedSecret, bound binding: SealBinding, field: String) throws(Refusal) -> Secret {
        guard let secret = Sealing.open(sealed.bytes, bound: binding, keys: keys) else {
            throw Refusal(
                .unsealable, "does not open: damaged, or of another key, object, class or purpose", field: field)
        }
        return secret
    }

    /// What a secret is recognised by: 16 bytes of BLAKE2b under a key of its own.
    func fingerprint(_ secret: UnsafeRawBufferPointer) -> SecretFingerprint {
        var hash = [UInt8](repeating: 0, count: Int(crypto_generichash_BYTES_MIN))
        current.fingerprints.withUnsafeBytes { key in
            _ = crypto_generichash(&hash, hash.count, secret.octets, UInt64(secret.count), key.octets, key.count)
        }
        guard let fingerprint = SecretFingerprint(bytes: hash) else { preconditionFailure("BLAKE2b-128 has 16 bytes") }
        return fingerprint
    }

    /// A new random key; a private one is clamped as `wg genkey` does (RFC 7748, section 5).
    private static func make(_ purpose: SecretPurpose, length: Int) throws(Refusal) -> Secret {
        let bytes = Bytes(capacity: length)
        bytes.append(upTo: length) { room in
            randombytes_buf(room.baseAddress!, room.count)
            if purpose == .wireguardPrivateKey {
                room[0] &= 248
                room[31] = room[31] & 127 | 64
            }
            return room.count
        }
        guard let secret = Secret(bytes) else { throw Refusal(.limit, "a key can't have \(length) bytes") }
        return secret
    }

    private static func key(_ secret: Secret, field: String) throws(Refusal) -> SecretKey {
        guard let key = SecretKey(secret) else { throw Refusal(.policy, "is no WireGuard key", field: field) }
        return key
    }

    /// The public key, by X25519 (which clamps a given key that is not).
    static func publicKey(of secret: SecretKey) throws(Refusal) -> PublicKey {
        var bytes = [UInt8](repeating: 0, count: Int(crypto_scalarmult_BYTES))
        let made = secret.withUnsafeBytes { crypto_scalarmult_base(&bytes, $0.octets!) }
        guard made == 0, let key = PublicKey(bytes: bytes) else {
            throw Refusal(.policy, "is no X25519 private key")
        }
        return key
    }
}
