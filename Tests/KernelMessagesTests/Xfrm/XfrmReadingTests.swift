import CLinux
import Foundation
import Testing
import Wire

@testable import KernelMessages

/// What is read of associations and policies: what was written, and nothing of what is strange, cut or hostile.
struct XfrmReadingTests {
    private typealias Samples = XfrmSamples

    private static let gcm = Transform.aead(EncryptionAlgorithm.aes256GCM, Samples.fingerprint(1))
    /// Where fields stand in `xfrm_usersa_info`.
    private enum Field {
        static let spi = 72
        static let securityProtocol = 76
        static let hardPackets = 96 + 24
        static let current = 160
        static let stats = 192
        static let reqid = 208
        static let family = 212
        static let mode = 214
        static let replayWindow = 215
        static let flags = 216
        static let end = 224
    }

    @Test(arguments: XfrmSamples.transforms, IPsecMode.allCases)
    func `an association is read as it was written`(
        transform: Transform<SecretFingerprint>, mode: IPsecMode
    ) throws {
        for family in IPAddress.Family.allCases {
            for window: UInt8 in [0, 32] {
                let written = try Samples.association(transform, mode, family, replayWindow: window)
                let read = try #require(Samples.association(Samples.payload(Samples.add(written))))
                #expect(read.asMade == written)
                #expect(read.key == written.key)
                #expect(read.source == written.source)
            }
        }
    }

    @Test(arguments: XfrmSamples.transforms)
    func `a key that the kernel hides shows as hidden`(transform: Transform<SecretFingerprint>) throws {
        let written = try Samples.association(transform)
        let lengths = transform.keyLengths
        let message = AssociationMessages.add(
            written, encryption: Samples.secret(0, lengths.encryption),
            authentication: Samples.secret(0, lengths.authentication))
        let read = try #require(Samples.association(Samples.payload(message)))
        let hidden = SecretFingerprint.hidden
        #expect(read.asMade == written.replacingKeys(encryption: hidden, authentication: hidden))
        #expect(Samples.fingerprint(1) != hidden)
    }

    @Test func `its counters and times are read`() throws {
        var payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
        let counters: [UInt64] = [840, 10, 1_764_000_000, 1_764_000_001]
        payload.replaceSubrange(Field.current..<Field.stats, with: counters.flatMap { Samples.bytes($0) })
        let dropped: [UInt32] = [1, 2, 3]
        payload.replaceSubrange(Field.stats..<Field.stats + 12, with: dropped.flatMap { Samples.bytes($0) })
        let read = try #require(Samples.association(payload))
        #expect([read.bytes, read.packets, read.addedAt, read.usedAt] == counters)
        #expect([read.outsideWindow, read.repeated, read.unauthentic] == [1, 2, 3])
        #expect(read.asMade != nil)
    }

    @Test func `what carries another request id is somebody else's`() throws {
        for reqid: UInt32 in [0, 7, 0xAE00_0007, 0xAF00_0000, 0xB000_0007] {
            var payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
            payload.replaceSubrange(Field.reqid..<Field.reqid + 4, with: Samples.bytes(reqid))
            let read = try #require(Samples.association(payload))
            #expect(read.number == nil && read.asMade == nil && read.spi.rawValue == 0x1234_5678)
            let number = payload.withUnsafeBytes {
                AssociationMessages.number(NetlinkReply(type: XFRM_MSG_NEWSA, payload: $0))
            }
            #expect(number == nil)
        }
    }

    /// Ports, lengths, protocol, interface, family; a limit of packets; mode, window, flags.
    private static let odd: [(Int, [UInt8])] = [
        (32, [0, 80]), (42, [8]), (44, [17]), (48, [2]), (40, [10, 0]), (Field.hardPackets, [0]), (Field.mode, [4]),
        (Field.replayWindow, [33]), (Field.flags, [0]), (Field.flags, [160]), (Field.flags, [33]),
    ]

    @Test(arguments: Self.odd)
    func `what has a field that we never set is ours, but not as made`(offset: Int, bytes: [UInt8]) throws {
        var payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
        payload.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        let read = try #require(Samples.association(payload))
        #expect(read.number == Samples.number && read.asMade == nil)
    }

    @Test(arguments: [
        (XFRMA_ENCAP, 24), (XFRMA_COADDR, 16), (XFRMA_TFCPAD, 4), (XFRMA_REPLAY_ESN_VAL, 28), (XFRMA_IF_ID, 4),
        (XFRMA_SA_EXTRA_FLAGS, 4), (XFRMA_OFFLOAD_DEV, 8), (XFRMA_SET_MARK, 4), (XFRMA_ALG_COMP, 68),
        (XFRMA_ALG_CRYPT, 100), (XFRMA_ALG_AUTH_TRUNC, 104), (XFRMA_ALG_AEAD, 71),
    ])
    func `so has what has an attribute that we never set`(type: xfrm_attr_type_t, length: Int) throws {
        let payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
        let read = Samples.association(payload + Samples.attribute(type, Samples.zeros(length)))
        #expect(read?.number == Samples.number && read?.asMade == nil)
    }

    @Test func `what the kernel adds by itself is no difference`() throws {
        let transform = Transform.cipher(
            EncryptionAlgorithm.aes256CBC, Samples.fingerprint(1), .hmacSHA256, Samples.fingerprint(2))
        let written = try Samples.association(transform)
        // The state of the replay window, when it was last used, and the HMAC once more in its old form.
        let payload =
            Samples.payload(Samples.add(written)) + Samples.attribute(XFRMA_REPLAY_VAL, Samples.zeros(12))
            + Samples.attribute(XFRMA_LASTUSED, Samples.zeros(8)) + Samples.attribute(XFRMA_ALG_AUTH, Samples.zeros(68))
        #expect(Samples.association(payload)?.asMade == written)
    }

    @Test(arguments: [0, 1, 63, 68, 72])
    func `an algorithm of another name, key length or tag is none of ours`(offset: Int) throws {
        for transform in Samples.transforms {
            var payload = Samples.payload(Samples.add(try Samples.association(transform)))
            payload[Field.end + 4 + offset] ^= 8
            let read = try #require(Samples.association(payload))
            // Within the key it is another key, and behind the NUL of a name there is nothing.
            if offset == 72 || offset == 63 || (offset == 68 && read.asMade != nil) { continue }
            #expect(read.asMade == nil, "\(transform), \(offset)")
        }
        for length: UInt32 in [0, 7, 280, 296, 0x8000_0000, 0xFFFF_FFF8, .max] {
            var payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
            payload.replaceSubrange(Field.end + 68..<Field.end + 72, with: Samples.bytes(length))
            #expect(Samples.association(payload)?.asMade == nil, "\(length)")
        }
    }

    @Test func `what has a mark, another protocol, a reserved SPI or another family is passed over`() throws {
        let payload = Samples.payload(Samples.add(try Samples.association(Self.gcm)))
        #expect(Samples.association(payload + Samples.attribute(XFRMA_MARK, Samples.zeros(8))) == nil)
        for (offset, bytes): (Int, [UInt8]) in [
            (Field.securityProtocol, [108]), (Field.spi, [0, 0, 0, 255]), (Field.family, [0, 0]), (Field.family, [3]),
        ] {
            var changed = payload
            changed.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            #expect(Samples.association(changed) == nil)
        }
        #expect(Samples.association(payload, type: XFRM_MSG_NEWPOLICY) == nil)
    }

    // MARK: Policies

    @Test(arguments: SecurityPolicyKey.Direction.allCases, SecurityPolicy.bundles)
    func `a policy is read as it was written`(
        direction: SecurityPolicyKey.Direction, protocols: [IPsecProtocol]
    ) throws {
        for (source, destination, mode, gateways): (String, String, IPsecMode, IPAddress.Family) in [
            ("10.1.0.0/16", "10.2.0.0/24", .tunnel, .v4), ("fd00:1::/64", "fd00:2::/48", .tunnel, .v4),
            ("10.1.0.0/16", "0.0.0.0/0", .tunnel, .v6), ("2001:db8:1::1/128", "2001:db8:2::2/128", .transport, .v6),
        ] {
            let written = try Samples.policy(source, destination, direction, mode, protocols, gateways: gateways)
            let read = try #require(Samples.policy(Samples.payload(PolicyMessages.add(written))))
            #expect(read.state == SecurityPolicyState(key: written.key, asMade: written))
        }
    }

    /// A limit of bytes, priority, action, flags, share; in the first template SPI, share, optional, algorithms, reqid.
    private static let oddPolicies: [(Int, [UInt8])] = [
        (56, [0]), (152, [9]), (161, [1]), (162, [1]), (163, [1]), (188, [1]), (221, [1]), (222, [1]), (224, [0]),
        (216, [1, 0, 0, 0xAF]),
    ]

    @Test(arguments: Self.oddPolicies)
    func `a policy with a field that we never set is ours, but not as made`(offset: Int, bytes: [UInt8]) throws {
        let policy = try Samples.policy("10.1.0.0/16", "10.2.0.0/24", .out, .tunnel, [.esp, .ah])
        var payload = Samples.payload(PolicyMessages.add(policy))
        payload.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        // Templates of two associations are somebody else's work.
        if offset == 216 { return #expect(Samples.policy(payload) == nil) }
        let read = try #require(Samples.policy(payload))
        #expect(read.state == SecurityPolicyState(key: policy.key, asMade: nil))
    }

    @Test func `what is not found by direction and networks, or has another request id, is not ours`() throws {
        let payload = Samples.payload(PolicyMessages.add(try Samples.policy("10.1.0.0/16", "10.2.0.0/24")))
        for (offset, bytes): (Int, [UInt8]) in [
            (32, [0, 80]), (34, [1]), (36, [1]), (38, [1]), (44, [6]), (48, [2]), (52, [1]),  // ports to user
            (3, [1]), (42, [33]), (40, [0]), (160, [3]), (160, [4]),  // host bits, length, family, direction
            (216, [8, 0, 0, 0xAE]), (216, [0, 0, 0, 0]),
        ] {
            var changed = payload
            changed.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            #expect(Samples.policy(changed) == nil, "\(offset)")
        }
        for attribute in [
            Samples.attribute(XFRMA_MARK, Samples.zeros(8)), Samples.attribute(XFRMA_IF_ID, Samples.bytes(UInt32(1))),
            Samples.attribute(XFRMA_POLICY_TYPE, [1, 0, 0, 0, 0, 0]), Samples.attribute(XFRMA_TMPL, []),
            Samples.attribute(XFRMA_TMPL, Samples.zeros(63)),
        ] {
            #expect(Samples.policy(payload + attribute) == nil)
        }
        let main = Samples.attribute(XFRMA_POLICY_TYPE, Samples.zeros(6))
        #expect(Samples.policy(payload + main)?.state.asMade != nil)
        #expect(Samples.policy(Array(payload[..<168])) == nil)
        #expect(Samples.policy(payload, type: XFRM_MSG_NEWSA) == nil)
    }

    // MARK: What a kernel said

    /// Answers of Debian's 6.1 to dumps, recorded: what the fuzz target begins with.
    @Test(arguments: [
        ("associations-aead", 3, 3), ("associations-cipher", 2, 2), ("associations-ah", 1, 1),
        ("associations-foreign", 1, 0), ("policies", 4, 4), ("policies-foreign", 0, 0),
    ])
    func `a recorded answer is read`(name: String, listed: Int, asMade: Int) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let file = folder.appendingPathComponent("../../Fuzz/corpus/xfrm/\(name)")
        var answer = NetlinkAnswer(sequence: 1)
        var (associations, policies): ([SecurityAssociationState], [SecurityPolicyState]) = ([], [])
        let progress = Array(try Data(contentsOf: file)).withUnsafeBytes { datagram in
            answer.take(datagram) { reply in
                if let one = SecurityAssociationState(reply, fingerprint: plainFingerprint) { associations.append(one) }
                if let one = ListedPolicy(reply) { policies.append(one.state) }
            }
        }
        #expect(progress == .done(consistent: true))
        #expect(associations.count + policies.count == listed)
        #expect(associations.compactMap(\.asMade).count + policies.compactMap(\.asMade).count == asMade)
    }

    // MARK: Cut and hostile

    @Test func `no cut or changed byte reads beyond the message, and no part of a key is shown`() throws {
        for transform in Samples.transforms {
            let whole = Samples.payload(Samples.add(try Samples.association(transform)))
            for count in 0...whole.count {
                let read = Samples.association(Array(whole.prefix(count)))
                #expect((read == nil) == (count < Field.end))
            }
            let lengths = [transform.keyLengths.encryption, transform.keyLengths.authentication]
            for index in whole.indices {
                var damaged = whole
                damaged[index] ^= 0xFF
                _ = damaged.withUnsafeBytes { bytes in
                    SecurityAssociationState(NetlinkReply(type: XFRM_MSG_NEWSA, payload: bytes)) { key in
                        #expect(lengths.contains(key.count))
                        return plainFingerprint(key)
                    }
                }
            }
        }
        let policy = Samples.payload(
            PolicyMessages.add(try Samples.policy("10.1.0.0/16", "10.2.0.0/24", .in, .tunnel, [.esp, .ah])))
        for count in policy.indices { #expect(Samples.policy(Array(policy.prefix(count))) == nil) }
        for index in policy.indices {
            var damaged = policy
            damaged[index] ^= 0xFF
            _ = Samples.policy(damaged)
        }
    }
}
