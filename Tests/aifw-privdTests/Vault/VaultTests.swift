import Testing
import Wire

@testable import aifw_privd

@Suite struct `The vault` {
    private let vault: Vault

    init() throws { vault = Vault(keys: [try Samples.key(1)]) }

    private func seal(
        _ secretClass: SecretClass, _ purpose: SecretPurpose, given: Secret? = nil
    ) throws -> Seal.Answer.Item {
        let item = Seal.Item(object: Samples.object, class: secretClass, purpose: purpose, given: given)
        return try #require(try vault.seal(Seal([item])).sealed.first)
    }

    private func reveal(_ secret: SealedSecret, _ purpose: SecretPurpose) throws -> Secret? {
        try vault.reveal(Reveal([Reveal.Item(object: Samples.object, purpose: purpose, secret: secret)])).secrets.first
    }

    @Test func `A private key that is made is clamped and comes with its public key`() throws {
        let sealed = try seal(.client, .wireguardPrivateKey)
        let secret = try #require(try reveal(sealed.secret, .wireguardPrivateKey))
        let bytes = try #require(Samples.bytes(secret))
        #expect(bytes[0] & 7 == 0 && bytes[31] & 0xC0 == 0x40)
        #expect(try Vault.publicKey(of: try #require(SecretKey(secret))) == sealed.publicKey)
        #expect(sealed.fingerprint == nil)
    }

    /// RFC 7748, section 6.1: Alice's key pair.
    @Test func `A given private key is kept as it is, with the public key of RFC 7748`() throws {
        let given = try Secret(json: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=")
        let sealed = try seal(.client, .wireguardPrivateKey, given: given)
        #expect(sealed.publicKey?.description == "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=")
        #expect(Samples.bytes(try reveal(sealed.secret, .wireguardPrivateKey)) == Samples.bytes(given))
    }

    @Test func `Two keys that are made are different`() throws {
        #expect(try seal(.device, .wireguardPrivateKey).publicKey != seal(.device, .wireguardPrivateKey).publicKey)
    }

    @Test(arguments: SecretPurpose.allCases)
    func `A key of all zeros is refused`(purpose: SecretPurpose) throws {
        let zeros = try Samples.secret(0)
        let refusal = #expect(throws: Refusal.self) { try seal(.client, purpose, given: zeros) }
        #expect(refusal == Refusal(.policy, "must not be the key of all zeros", field: "secrets[0].given"))
    }

    private static let shared = SecretPurpose.allCases.filter(\.hasFingerprint)

    @Test(arguments: Self.shared)
    func `A key that both ends have is of class client, or refused`(purpose: SecretPurpose) throws {
        let refusal = #expect(throws: Refusal.self) { try seal(.device, purpose) }
        #expect(refusal?.code == .policy)
        #expect(refusal?.field == "secrets[0].class")
    }

    @Test(arguments: SecretPurpose.allCases)
    func `A secret is made as long as was asked for, and of no length that its purpose has not`(
        purpose: SecretPurpose
    ) throws {
        for count in Secret.lengths {
            let made = Seal.Item(
                object: Samples.object, class: .client, purpose: purpose, origin: .made(length: count))
            let given = Seal.Item(
                object: Samples.object, class: .client, purpose: purpose, given: try Samples.secret(count: count))
            for (item, member) in [(made, "length"), (given, "given")] {
                guard purpose.lengths.contains(count) else {
                    let refusal = #expect(throws: Refusal.self) { try vault.seal(Seal([item])) }
                    #expect(refusal?.code == .policy && refusal?.field == "secrets[0].\(member)")
                    continue
                }
                let sealed = try #require(try vault.seal(Seal([item])).sealed.first)
                let secret = try #require(try reveal(sealed.secret, purpose))
                #expect(secret.count == count)
                #expect(sealed.fingerprint == (purpose.hasFingerprint ? secret.withUnsafeBytes(vault.fingerprint) : nil))
                #expect((sealed.publicKey == nil) == purpose.hasFingerprint)
            }
        }
    }

    @Test func `The refusal of a wrong length tells the right ones`() throws {
        let item = Seal.Item(
            object: Samples.object, class: .client, purpose: .ipsecEncryptionKeyOut, origin: .made(length: 64))
        let refusal = #expect(throws: Refusal.self) { try vault.seal(Seal([item])) }
        #expect(refusal?.message == "must be one of 20, 32, 36 bytes for a ipsec-encryption-key-out, not 64")
    }

    @Test(arguments: SecretPurpose.allCases)
    func `A device secret is never revealed`(purpose: SecretPurpose) throws {
        let sealed = try seal(.device, .wireguardPrivateKey)
        let refusal = #expect(throws: Refusal.self) { try reveal(sealed.secret, purpose) }
        #expect(refusal?.code == .unsealable)
        #expect(refusal?.field == "secrets[0].secret")
    }

    private func reseal(
        _ secret: SealedSecret, _ secretClass: SecretClass, _ purpose: SecretPurpose, object: ObjectID = Samples.object,
        in vault: Vault
    ) throws -> Reseal.Answer.Item {
        let item = Reseal.Item(object: object, class: secretClass, purpose: purpose, secret: secret)
        return try #require(try vault.reseal(Reseal([item])).sealed.first)
    }

    @Test func `Resealed under a new key, a secret is the same and opens without the former key`() throws {
        let given = try Samples.secret(9)
        let old = try seal(.client, .wireguardPresharedKey, given: given)
        let both = Vault(keys: [try Samples.key(2), try Samples.key(1)])
        let only = Vault(keys: [try Samples.key(2)])
        #expect(old.secret.keyID != both.currentKey)
        let new = try reseal(old.secret, .client, .wireguardPresharedKey, in: both)
        #expect(new.secret.keyID == both.currentKey)
        #expect(new.fingerprint == given.withUnsafeBytes(only.fingerprint))
        #expect(new.fingerprint != old.fingerprint)
        let opened = try only.open(new.secret, bound: Samples.binding, field: "")
        #expect(Samples.bytes(opened) == Samples.bytes(given))
        #expect(throws: Refusal.self) { try only.open(old.secret, bound: Samples.binding, field: "") }
        #expect(try reseal(new.secret, .client, .wireguardPresharedKey, in: only).fingerprint == new.fingerprint)
    }

    /// Each secret that is sealed, resealed as anything and then revealed as anything: only what was of class client, under
    /// its own class and purpose all the way, comes out.
    @Test func `No sequence of verbs reveals a device secret or changes what a secret is`() throws {
        let both = Vault(keys: [try Samples.key(2), try Samples.key(1)])
        for (isClass, isPurpose) in [
            (SecretClass.device, SecretPurpose.wireguardPrivateKey), (.client, .wireguardPrivateKey),
            (.client, .wireguardPresharedKey), (.client, .ipsecEncryptionKeyIn), (.client, .ipsecAuthenticationKeyOut),
        ] {
            let old = try seal(isClass, isPurpose).secret
            for asClass in SecretClass.allCases {
                for asPurpose in SecretPurpose.allCases {
                    let isSame = asClass == isClass && asPurpose == isPurpose
                    var blobs = [old]
                    do {
                        blobs.append(try reseal(old, asClass, asPurpose, in: both).secret)
                        #expect(isSame)
                    } catch let refusal as Refusal {
                        #expect(!isSame && refusal.code == .unsealable && refusal.field == "secrets[0].secret")
                    }
                    for blob in blobs {
                        let item = Reveal.Item(object: Samples.object, purpose: asPurpose, secret: blob)
                        let revealed = try? both.reveal(Reveal([item]))
                        #expect((revealed != nil) == (isClass == .client && asPurpose == isPurpose))
                    }
                }
            }
        }
    }

    @Test func `A secret of another object or key is not resealed, and one refusal refuses them all`() throws {
        let sealed = try seal(.device, .wireguardPrivateKey).secret
        let own = Reseal.Item(object: Samples.object, class: .device, purpose: .wireguardPrivateKey, secret: sealed)
        let other = Reseal.Item(
            object: ObjectID(bits: 1), class: .device, purpose: .wireguardPrivateKey, secret: sealed)
        let refusal = #expect(throws: Refusal.self) { try vault.reseal(Reseal([own, other])) }
        #expect(refusal?.code == .unsealable)
        #expect(refusal?.field == "secrets[1].secret")
        let stranger = Vault(keys: [try Samples.key(3)])
        #expect(throws: Refusal.self) { try stranger.reseal(Reseal([own])) }
    }

    @Test func `A pre-shared key has the fingerprint that the kernel's copy will have`() throws {
        let given = try Samples.secret(9)
        let sealed = try seal(.client, .wireguardPresharedKey, given: given)
        #expect(sealed.fingerprint == given.withUnsafeBytes(vault.fingerprint))
        #expect(sealed.fingerprint != (try Samples.secret(8)).withUnsafeBytes(vault.fingerprint))
        let other = Vault(keys: [try Samples.key(2)])
        #expect(sealed.fingerprint != given.withUnsafeBytes(other.fingerprint))
        #expect(sealed.publicKey == nil)
    }
}
