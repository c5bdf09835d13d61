import Daemon
import Glibc
import Testing
import Wire

@testable import aifw_privd

/// Keys and bindings that every test of the vault uses; no key here guards anything.
enum Samples {
    static func key(_ byte: UInt8) throws -> MasterKey {
        try [UInt8](repeating: byte, count: 32).withUnsafeBytes { (bytes) throws(StartupError) in try MasterKey(bytes) }
    }

    static func secret(_ byte: UInt8 = 7, count: Int = SecretKey.length) throws -> Secret {
        try #require(Secret(Bytes([UInt8](repeating: byte, count: count))))
    }

    static let object = ObjectID(bits: 0x5ad0_f1e2_7b55_4c33_9d2c_0b8f_3f1f_5a10)
    static let binding = SealBinding(secretClass: .client, purpose: .wireguardPresharedKey, object: object)

    static func bytes(_ secret: Secret?) -> [UInt8]? { secret?.withUnsafeBytes { Array($0) } }
}

@Suite struct `Sealed secrets` {
    @Test func `A secret opens under what it was sealed under`() throws {
        let key = try Samples.key(1)
        let sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        #expect(sealed.count == 81)
        let opened = Sealing.open(sealed, bound: Samples.binding, keys: [key])
        #expect(Samples.bytes(opened) == [UInt8](repeating: 7, count: 32))
    }

    @Test func `The same secret sealed twice looks different everywhere but in the header`() throws {
        let key = try Samples.key(1)
        let first = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        let second = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        #expect(first[..<9] == second[..<9])
        #expect(first[9..<33] != second[9..<33])
        #expect(first[33...] != second[33...])
    }

    @Test(arguments: [
        SealBinding(secretClass: .device, purpose: .wireguardPresharedKey, object: Samples.object),
        SealBinding(secretClass: .client, purpose: .wireguardPrivateKey, object: Samples.object),
        SealBinding(
            secretClass: .client, purpose: .wireguardPresharedKey, object: ObjectID(bits: Samples.object.bits ^ 1)),
    ])
    func `Under another class, purpose or object it does not open`(binding: SealBinding) throws {
        let key = try Samples.key(1)
        let sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        #expect(Sealing.open(sealed, bound: binding, keys: [key]) == nil)
    }

    @Test(arguments: SecretPurpose.allCases)
    func `A secret has one of the lengths of its purpose, and is sealed as long as it is`(
        purpose: SecretPurpose
    ) throws {
        let key = try Samples.key(1)
        let binding = SealBinding(secretClass: .client, purpose: purpose, object: Samples.object)
        for count in Secret.lengths {
            let sealed = Sealing.seal(try Samples.secret(count: count), bound: binding, under: key)
            #expect(sealed.count == 49 + count)
            let opened = Sealing.open(sealed, bound: binding, keys: [key])
            #expect((opened != nil) == purpose.lengths.contains(count))
            #expect(Samples.bytes(opened) ?? [UInt8](repeating: 7, count: count) == [UInt8](repeating: 7, count: count))
        }
    }

    @Test func `Each purpose and class has its number in the seal for ever`() {
        let numbers: [(SecretPurpose, UInt8)] = [
            (.wireguardPrivateKey, 1), (.wireguardPresharedKey, 2), (.ipsecEncryptionKeyIn, 3),
            (.ipsecEncryptionKeyOut, 4), (.ipsecAuthenticationKeyIn, 5), (.ipsecAuthenticationKeyOut, 6),
        ]
        #expect(numbers.map(\.0) == SecretPurpose.allCases)
        for (purpose, number) in numbers {
            for (secretClass, byte): (SecretClass, UInt8) in [(.device, 1), (.client, 2)] {
                let binding = SealBinding(secretClass: secretClass, purpose: purpose, object: Samples.object)
                #expect(binding.bytes == [1, byte, number] + Samples.object.bytes)
            }
        }
    }

    @Test func `Under another key it does not open, even if that key is named`() throws {
        let (first, second) = (try Samples.key(1), try Samples.key(2))
        var sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: first)
        #expect(Sealing.open(sealed, bound: Samples.binding, keys: [second]) == nil)
        sealed.replaceSubrange(1..<9, with: second.id.bytes)
        #expect(Sealing.open(sealed, bound: Samples.binding, keys: [second]) == nil)
    }

    @Test func `While keys are rotated, secrets of both open`() throws {
        let (old, new) = (try Samples.key(1), try Samples.key(2))
        let sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: old)
        #expect(Sealing.open(sealed, bound: Samples.binding, keys: [new, old]) != nil)
    }

    @Test func `No byte of it can be changed`() throws {
        let key = try Samples.key(1)
        let sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << UInt8(bit)
                #expect(Sealing.open(changed, bound: Samples.binding, keys: [key]) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `No shorter or longer one opens`() throws {
        let key = try Samples.key(1)
        let sealed = Sealing.seal(try Samples.secret(), bound: Samples.binding, under: key)
        for length in sealed.indices {
            #expect(Sealing.open(Array(sealed[..<length]), bound: Samples.binding, keys: [key]) == nil)
        }
        #expect(Sealing.open(sealed + [0], bound: Samples.binding, keys: [key]) == nil)
    }

    /// Stored secrets must open in every later release: the form is pinned by one that was sealed once.
    @Test func `What an earlier release sealed opens`() throws {
        let text =
            "AbsvHXmZlVJZD9NMbHrRPoP6g06vJwtmP16n7NciZY1GBZo/RXnmIH7BAnYumP6OrI9liQdgvubo936fsfcd8lcaMo2t4scQKvr3cBWmYFs9"
        let sealed = try SealedSecret(text)
        let opened = Sealing.open(sealed.bytes, bound: Samples.binding, keys: [try Samples.key(1)])
        #expect(Samples.bytes(opened) == [UInt8](repeating: 7, count: 32))
    }
}
