import Testing
import Wire

@testable import aifw_privd

@Suite struct `The vault` {
    private let vault: Vault

    init() throws { vault = Vault(keys: [try Samples.key(1)]) }

    private func seal(
        _ secretClass: SecretClass, _ purpose: SecretPurpose, given: SecretKey? = nil
    ) throws -> Seal.Answer.Item {
        let item = Seal.Item(object: Samples.object, class: secretClass, purpose: purpose, given: given)
        return try #require(try vault.seal(Seal([item])).sealed.first)
    }

    private func reveal(_ secret: SealedSecret, _ purpose: SecretPurpose) throws -> SecretKey? {
        try vault.reveal(Reveal([Reveal.Item(object: Samples.object, purpose: purpose, secret: secret)])).secrets.first
    }

    @Test func `A private key that is made is clamped and comes with its public key`() throws {
        let sealed = try seal(.client, .wireguardPrivateKey)
        let secret = try #require(try reveal(sealed.secret, .wireguardPrivateKey))
        let bytes = try #require(Samples.bytes(secret))
        #expect(bytes[0] & 7 == 0 && bytes[31] & 0xC0 == 0x40)
        #expect(try Vault.publicKey(of: secret) == sealed.publicKey)
        #expect(sealed.fingerprint == nil)
    }

    /// RFC 7748, section 6.1: Alice's key pair.
    @Test func `A given private key is kept as it is, with the public key of RFC 7748`() throws {
        let given = try SecretKey(json: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=")
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

    @Test func `A pre-shared key of class device is refused`() throws {
        let refusal = #expect(throws: Refusal.self) { try seal(.device, .wireguardPresharedKey) }
        #expect(refusal?.code == .policy)
        #expect(refusal?.field == "secrets[0].class")
    }

    @Test(arguments: SecretPurpose.allCases)
    func `A device secret is never revealed`(purpose: SecretPurpose) throws {
        let sealed = try seal(.device, .wireguardPrivateKey)
        let refusal = #expect(throws: Refusal.self) { try reveal(sealed.secret, purpose) }
        #expect(refusal?.code == .unsealable)
        #expect(refusal?.field == "secrets[0].secret")
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
