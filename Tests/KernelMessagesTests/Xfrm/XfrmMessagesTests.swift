import CLinux
import Testing
import Wire

@testable import KernelMessages

/// What is written to XFRM, byte by byte as linux/xfrm.h has it.
struct XfrmMessagesTests {
    private typealias Samples = XfrmSamples

    private let source: [UInt8] = [198, 51, 100, 1] + Samples.zeros(12)
    private let destination: [UInt8] = [203, 0, 113, 2] + Samples.zeros(12)
    private let spi: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    private let reqid = Samples.bytes(UInt32(0xAF00_0007))
    /// `xfrm_lifetime_cfg`: no limit of bytes and packets, no time; then `xfrm_lifetime_cur`.
    private let lifetime = [UInt8](repeating: 0xFF, count: 32) + Samples.zeros(32) + Samples.zeros(32)

    private func header(_ message: NetlinkMessage) -> nlmsghdr { message.bytes.load(as: nlmsghdr.self) }

    private func name(_ text: String) -> [UInt8] { Array(text.utf8) + Samples.zeros(64 - text.utf8.count) }

    /// `xfrm_usersa_info` of the sample association.
    private func information(mode: UInt8, family: UInt16, flags: UInt8, protocol number: UInt8) -> [UInt8] {
        let selector = Samples.zeros(40) + Samples.bytes(family) + Samples.zeros(14)
        let id = destination + spi + [number, 0, 0, 0]
        // Then xfrm_stats, seq, reqid, family, mode, replay_window, flags and padding to a multiple of 8.
        return selector + id + source + lifetime + Samples.zeros(12) + Samples.zeros(4) + reqid
            + Samples.bytes(UInt16(2)) + [mode, 5, flags] + Samples.zeros(7)
    }

    @Test func `an association in tunnel mode is open to both families`() throws {
        let message = Samples.add(
            try Samples.association(.aead(.aes256GCM, Samples.fingerprint(1)), .tunnel, replayWindow: 5))
        let key = [UInt8](repeating: 1, count: 36)
        let algorithm =
            name("rfc4106(gcm(aes))") + Samples.bytes(UInt32(36 * 8)) + Samples.bytes(UInt32(128)) + key
        let expected =
            information(mode: 1, family: 0, flags: 32, protocol: 50) + Samples.attribute(XFRMA_ALG_AEAD, algorithm)
        #expect(Samples.payload(message) == expected)
        #expect(header(message).nlmsg_type == 0x10)
        #expect(header(message).nlmsg_flags == UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL))
        #expect(header(message).nlmsg_len == UInt32(16 + expected.count))
    }

    @Test func `one in transport mode has the family of its ends, a cipher and an HMAC`() throws {
        let transform = Transform.cipher(.aes256CBC, Samples.fingerprint(1), .hmacSHA384, Samples.fingerprint(2))
        let message = Samples.add(try Samples.association(transform, .transport, replayWindow: 5))
        let cipher = name("cbc(aes)") + Samples.bytes(UInt32(256)) + [UInt8](repeating: 1, count: 32)
        let hash =
            name("hmac(sha384)") + Samples.bytes(UInt32(384)) + Samples.bytes(UInt32(192))
            + [UInt8](repeating: 2, count: 48)
        let expected =
            information(mode: 0, family: 2, flags: 0, protocol: 50) + Samples.attribute(XFRMA_ALG_CRYPT, cipher)
            + Samples.attribute(XFRMA_ALG_AUTH_TRUNC, hash)
        #expect(Samples.payload(message) == expected)
    }

    @Test(arguments: XfrmSamples.transforms)
    func `every algorithm has its name, key and tag`(transform: Transform<SecretFingerprint>) throws {
        let payload = Samples.payload(Samples.add(try Samples.association(transform)))
        var listed: [(Int, String, Int, UInt32?)] = []
        payload.dropFirst(224).withContiguousStorageIfAvailable { bytes in
            for attribute in NetlinkAttributes(UnsafeRawBufferPointer(bytes)) {
                let hasTag = attribute.type != Int(XFRMA_ALG_CRYPT.rawValue)
                guard let algorithm = ListedAlgorithm(attribute.payload, hasTag: hasTag) else { continue }
                listed.append((attribute.type, algorithm.name, algorithm.key.count, algorithm.tagBits))
            }
        }
        func isHash(_ algorithm: AuthenticationAlgorithm, _ entry: (Int, String, Int, UInt32?)) -> Bool {
            let names = ["hmac(sha256)", "hmac(sha384)", "hmac(sha512)"]
            let index = AuthenticationAlgorithm.allCases.firstIndex(of: algorithm) ?? -1
            return entry == (20, names[index], [32, 48, 64][index], [128, 192, 256][index])
        }
        switch transform {
        case .aead(let cipher, _):
            let name = cipher == .chacha20Poly1305 ? "rfc7539esp(chacha20,poly1305)" : "rfc4106(gcm(aes))"
            #expect(listed.count == 1 && listed[0] == (18, name, cipher == .aes128GCM ? 20 : 36, 128))
        case .cipher(_, _, let hash, _):
            #expect(listed.count == 2 && listed[0] == (2, "cbc(aes)", 32, nil) && isHash(hash, listed[1]))
        case .authentication(let hash, _): #expect(listed.count == 1 && isHash(hash, listed[0]))
        }
    }

    @Test func `an association is found and removed by destination, SPI and protocol`() throws {
        let key = try Samples.association(.authentication(.hmacSHA256, Samples.fingerprint(1)), .tunnel, .v6).key
        // xfrm_usersa_id: daddr, spi, family, proto, padding.
        let destination: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 2] + Samples.zeros(9) + [2]
        let expected = destination + spi + Samples.bytes(UInt16(10)) + [51, 0]
        for (message, type) in [(AssociationMessages.find(key), 0x12), (AssociationMessages.remove(key), 0x11)] {
            #expect(Samples.payload(message) == expected)
            #expect(header(message).nlmsg_type == UInt16(type))
        }
    }

    @Test func `a dump has no family header`() {
        #expect(AssociationMessages.list().bytes.count == 16 && PolicyMessages.list().bytes.count == 16)
        #expect(header(AssociationMessages.list()).nlmsg_type == 0x12)
        #expect(header(PolicyMessages.list()).nlmsg_type == 0x15)
    }

    private let selector: [UInt8] =
        [10, 2, 0, 0] + Samples.zeros(12) + [10, 1, 0, 0] + Samples.zeros(12) + Samples.zeros(8)
        + Samples.bytes(UInt16(2)) + [24, 16, 0] + Samples.zeros(3) + Samples.zeros(8)

    /// `xfrm_user_tmpl`: id, family, saddr, reqid, mode, share, optional, algorithms.
    private func template(_ number: UInt8, mode: UInt8) -> [UInt8] {
        destination + Samples.zeros(4) + [number, 0, 0, 0] + Samples.bytes(UInt16(2)) + [0, 0] + source + reqid
            + [mode, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12)
    }

    @Test func `a policy has its selector, priority and templates, AH on top in transport mode`() throws {
        let message = PolicyMessages.add(
            try Samples.policy("10.1.0.0/16", "10.2.0.0/24", .forward, .tunnel, [.esp, .ah]))
        let priority = Samples.bytes(UInt32(0x00AF_0000 + 512 - 40))
        let expected =
            selector + lifetime + priority + Samples.zeros(4) + [2, 0, 0, 0] + Samples.zeros(4)
            + Samples.attribute(XFRMA_TMPL, template(50, mode: 1) + template(51, mode: 0))
        #expect(Samples.payload(message) == expected)
        #expect(header(message).nlmsg_type == 0x13)
        #expect(header(message).nlmsg_flags == UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL))
    }

    @Test func `a policy is found by direction and selector, and removed by its index`() throws {
        let policy = try Samples.policy("10.1.0.0/16", "10.2.0.0/24", .out)
        let find = PolicyMessages.find(policy.key)
        #expect(Samples.payload(find) == selector + Samples.zeros(4) + [1, 0, 0, 0])
        #expect(header(find).nlmsg_type == 0x15)
        var listed = Samples.payload(PolicyMessages.add(policy))
        // The index stands behind selector, lifetimes and priority.
        listed.replaceSubrange(156..<160, with: Samples.bytes(UInt32(4711)))
        let remove = PolicyMessages.remove(try #require(Samples.policy(listed)))
        #expect(Samples.payload(remove) == Samples.zeros(56) + Samples.bytes(UInt32(4711)) + [1, 0, 0, 0])
        #expect(header(remove).nlmsg_type == 0x14)
    }

    @Test(arguments: [("10.0.0.0/8", "10.1.0.0/16"), ("::/0", "2001:db8::/32"), ("10.1.0.1/32", "10.1.0.2/32")])
    func `longer prefixes are asked before shorter ones, all in a range of our own`(one: String, other: String) throws {
        let shorter = try Samples.policy(one, one, gateways: .v4).key
        let longer = try Samples.policy(other, other, gateways: .v4).key
        let (first, second) = (PolicyMessages.priority(longer), PolicyMessages.priority(shorter))
        #expect(first < second || longer.source.length == shorter.source.length)
        for priority in [first, second] { #expect((0x00AF_0000 + 256...0x00AF_0000 + 512).contains(priority)) }
    }
}
