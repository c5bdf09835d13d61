import Daemon
import Glibc
import Testing
import Wire

@testable import aifw_privd

@Suite struct `Recovery of tunnel keys` {
    private let secret: LockedMemory
    private let old: Vault
    /// A machine with another master key, where the code was typed in.
    private let new: Vault

    init() throws {
        secret = try Recovery.make()
        let publicKey = try Recovery.publicKey(of: secret)
        old = Vault(keys: [try Samples.key(1)], recovery: Recovery(publicKey: publicKey))
        new = Vault(keys: [try Samples.key(2)], recovery: Recovery(publicKey: publicKey, secretKey: secret))
    }

    private func device(in vault: Vault) throws -> Seal.Answer.Item {
        let item = Seal.Item(object: Samples.object, class: .device, purpose: .wireguardPrivateKey)
        return try #require(try vault.seal(Seal([item])).sealed.first)
    }

    private func reseal(
        _ sealed: SealedSecret, in vault: Vault, class secretClass: SecretClass = .device
    ) throws -> Reseal.Answer.Item {
        let item = Reseal.Item(
            object: Samples.object, class: secretClass, purpose: .wireguardPrivateKey, secret: sealed)
        return try #require(try vault.reseal(Reseal([item])).sealed.first)
    }

    private func take(
        _ box: RecoveryBox, in vault: Vault, object: ObjectID = Samples.object, class secretClass: SecretClass = .device
    ) throws -> Seal.Answer.Item {
        let item = Seal.Item(object: object, class: secretClass, purpose: .wireguardPrivateKey, origin: .box(box))
        return try #require(try vault.seal(Seal([item])).sealed.first)
    }

    @Test func `A tunnel's key comes out of its box on another machine, under that machine's master key`() throws {
        let sealed = try device(in: old)
        let box = try #require(try reseal(sealed.secret, in: old).box)
        let restored = try take(box, in: new)
        #expect(restored.publicKey == sealed.publicKey)
        #expect(restored.secret.keyID == new.currentKey)
    }

    @Test func `Without a recovery key nothing is boxed, and a client's key never is`() throws {
        let plain = Vault(keys: [try Samples.key(1)])
        #expect(try reseal(device(in: plain).secret, in: plain).box == nil)
        let item = Seal.Item(object: Samples.object, class: .client, purpose: .wireguardPrivateKey)
        let client = try #require(try old.seal(Seal([item])).sealed.first)
        #expect(try reseal(client.secret, in: old, class: .client).box == nil)
    }

    @Test func `A box that is damaged, of another object or for another key does not open`() throws {
        let box = try #require(try reseal(device(in: old).secret, in: old).box)
        func refusal(_ box: RecoveryBox, _ vault: Vault, _ object: ObjectID = Samples.object) -> Refusal? {
            #expect(throws: Refusal.self) { try take(box, in: vault, object: object) }
        }
        for bit in 0..<RecoveryBox.length * 8 {
            var bytes = box.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(refusal(try #require(RecoveryBox(bytes: bytes)), new)?.code == .unsealable)
        }
        #expect(refusal(box, new, ObjectID(bits: 1))?.code == .unsealable)
        let other = try Recovery.make()
        let stranger = Vault(
            keys: [try Samples.key(2)],
            recovery: Recovery(publicKey: try Recovery.publicKey(of: other), secretKey: other))
        #expect(refusal(box, stranger)?.code == .unsealable)
    }

    @Test func `Where the code was not typed in, the refusal says what root has to do`() throws {
        let box = try #require(try reseal(device(in: old).secret, in: old).box)
        for vault in [old, Vault(keys: [try Samples.key(1)])] {
            let refusal = #expect(throws: Refusal.self) { try take(box, in: vault) }
            #expect(refusal?.code == .policy && refusal?.field == "secrets[0].box")
            #expect(refusal?.message == "can't be opened before root runs aifw-privd --recovery-import")
        }
    }

    @Test func `No key of class client comes out of a box`() throws {
        let box = try #require(try reseal(device(in: old).secret, in: old).box)
        let refusal = #expect(throws: Refusal.self) { try take(box, in: new, class: .client) }
        #expect(refusal?.code == .policy)
    }
}

@Suite struct `The recovery code` {
    private func text(_ bytes: Bytes) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    private func bytes(_ memory: LockedMemory) -> [UInt8] { memory.withUnsafeBytes { Array($0) } }

    private func decode(_ text: String) throws -> [UInt8] { bytes(try RecoveryCode.decode(Bytes(text.utf8))) }

    @Test func `A code is eight groups of seven, and comes back as it was, in any spelling`() throws {
        for _ in 0..<50 {
            let secret = try Recovery.make()
            let code = text(RecoveryCode.encode(secret))
            #expect(code.split(separator: "-").map(\.count) == [7, 7, 7, 7, 7, 7, 7, 7])
            #expect(try decode(code) == bytes(secret))
            #expect(try decode(" \(code.lowercased().split(separator: "-").joined(separator: "  ")) ") == bytes(secret))
            let sloppy = code.map { $0 == "0" ? "o" : $0 == "1" ? "l" : $0 }
            #expect(try decode(String(sloppy)) == bytes(secret))
        }
    }

    @Test func `Any one wrong letter is found`() throws {
        let code = text(RecoveryCode.encode(try Recovery.make()))
        for index in code.indices where code[index] != "-" {
            var wrong = code
            wrong.replaceSubrange(index...index, with: code[index] == "7" ? "8" : "7")
            let error = #expect(throws: StartupError.self) { try decode(wrong) }
            #expect(error?.description == "the code has a mistake in it: its checksum is not right")
        }
    }

    @Test(arguments: [
        ("", "the code has 0 letters and digits; a whole one has 56"),
        ("ABCDEFG-1234567", "the code has 14 letters and digits; a whole one has 56"),
        ("ABC?", "letter 4 of the code is none that a code has"),
        ("ABU", "letter 3 of the code is none that a code has"),
    ])
    func `What is no code is refused with what is wrong`(code: String, words: String) {
        let error = #expect(throws: StartupError.self) { try decode(code) }
        #expect(error?.description == words)
    }
}
