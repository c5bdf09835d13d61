import Foundation
import Testing
import Wire

@testable import aifw_privd

/// The helper's gate with the real kernel behind it, for a test of IPsec. The associations are those of one object.
struct IPsecHost {
    /// Whether ESP and AH are in this kernel, or can be loaded; found out by installing one of each, and removing it.
    static let isThere: Bool = {
        guard NetworkNamespace.isOurs, var host = try? IPsecHost() else { return false }
        do {
            let additions = [
                try host.addition(.aead(.aes256GCM, 1), spi: 0xFFFF_0001),
                try host.addition(.authentication(.hmacSHA256, 2), spi: 0xFFFF_0001),
            ]
            _ = try host.call(ApplyAssociations(add: additions))
            _ = try host.call(ApplyAssociations(remove: additions.map(\.association.key)))
            return true
        } catch {
            return false
        }
    }()

    private let vault: Vault
    private var dispatch: Dispatch<Kernel>
    private let object = ObjectID.random()

    init(kernel: Kernel? = nil) throws {
        vault = Vault(keys: [try Samples.key(1)])
        let kernel = try kernel ?? Kernel.open(backend: .userspace, launcher: RealWireGuardGo())
        dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
    }

    /// Asks as the API daemon does; gives back all frames of the answer.
    mutating func call<Asked: Verb>(_ verb: Asked) throws -> [Asked.Answer] {
        var frames: [Bytes] = []
        try dispatch.answer(verb.request, now: 0, record: { _ in }, send: { frames.append($0) })
        return try frames.map { frame in
            let body = frame.withUnsafeBytes { Bytes($0.dropFirst(Frame.headerLength)) }
            guard case .answer(let answer) = try Reply<Asked>(frame: body) else { throw Refused() }
            return answer
        }
    }

    struct Refused: Error {}

    mutating func refusal(_ request: ApplyAssociations) -> Refusal? {
        do {
            _ = try call(request)
            return nil
        } catch {
            return error as? Refusal
        }
    }

    /// Everything of ours, or what the keys name.
    mutating func read(
        _ only: ReadAssociations.Keys? = nil
    ) throws -> (associations: [SecurityAssociationState], policies: [SecurityPolicyState]) {
        let answers = try call(ReadAssociations(only: only))
        #expect(answers.map(\.more) == answers.indices.map { $0 < answers.count - 1 })
        return (answers.flatMap(\.associations), answers.flatMap(\.policies))
    }

    /// Removes everything of ours.
    mutating func clear() throws {
        let present = try read()
        _ = try call(
            ApplyAssociations(
                removePolicies: Array(present.policies.map(\.key).prefix(ApplyAssociations.policyLimit)),
                remove: Array(present.associations.compactMap(\.key).prefix(ApplyAssociations.limit))))
    }

    /// A kind of association, its keys made of one byte each.
    enum Kind: Sendable, CustomTestStringConvertible {
        case aead(EncryptionAlgorithm, UInt8)
        case cipher(AuthenticationAlgorithm, UInt8)
        case authentication(AuthenticationAlgorithm, UInt8)

        static let all: [Kind] =
            [.aead(.aes256GCM, 1), .aead(.aes128GCM, 1), .aead(.chacha20Poly1305, 1)]
            + AuthenticationAlgorithm.allCases.flatMap { [.cipher($0, 3), .authentication($0, 2)] }

        var testDescription: String {
            switch self {
            case .aead(let cipher, _): "ESP \(cipher.rawValue)"
            case .cipher(let hash, _): "ESP aes-256-cbc, \(hash.rawValue)"
            case .authentication(let hash, _): "AH \(hash.rawValue)"
            }
        }
    }

    func addition(
        _ kind: Kind, number: UInt32 = 7, from source: String = "198.51.100.1", to destination: String = "203.0.113.2",
        spi: UInt32 = 0x1234_5678, mode: IPsecMode = .tunnel, replayWindow: UInt8 = 0
    ) throws -> ApplyAssociations.Addition {
        ApplyAssociations.Addition(
            object: object, direction: .in,
            association: try AssociationSamples.association(
                try transform(kind).sealed, number: number, from: source, to: destination, spi: spi, mode: mode,
                replayWindow: replayWindow))
    }

    /// What the kernel should show of an addition, by the fingerprints that came with the seals.
    func expected(_ addition: ApplyAssociations.Addition, _ kind: Kind) throws -> SecurityAssociation<SecretFingerprint> {
        let transform = try transform(kind).shown
        return try #require(
            addition.association.replacingKeys(
                encryption: transform.encryptionKey, authentication: transform.authenticationKey))
    }

    private func transform(
        _ kind: Kind
    ) throws -> (sealed: Transform<SealedSecret>, shown: Transform<SecretFingerprint>) {
        switch kind {
        case .aead(let cipher, let byte):
            let key = try seal(byte, cipher.keyLength, .ipsecEncryptionKeyIn)
            return (.aead(cipher, key.0), .aead(cipher, key.1))
        case .cipher(let hash, let byte):
            let key = try seal(byte, 32, .ipsecEncryptionKeyIn)
            let hashKey = try seal(byte + 1, hash.keyLength, .ipsecAuthenticationKeyIn)
            return (.cipher(.aes256CBC, key.0, hash, hashKey.0), .cipher(.aes256CBC, key.1, hash, hashKey.1))
        case .authentication(let hash, let byte):
            let key = try seal(byte, hash.keyLength, .ipsecAuthenticationKeyIn)
            return (.authentication(hash, key.0), .authentication(hash, key.1))
        }
    }

    private func seal(
        _ byte: UInt8, _ count: Int, _ purpose: SecretPurpose
    ) throws -> (SealedSecret, SecretFingerprint) {
        let item = Seal.Item(
            object: object, class: .client, purpose: purpose, given: try Samples.secret(byte, count: count))
        let sealed = try #require(try vault.seal(Seal([item])).sealed.first)
        return (sealed.secret, try #require(sealed.fingerprint))
    }
}
