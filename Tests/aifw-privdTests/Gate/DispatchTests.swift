import Daemon
import Testing
import Wire

@testable import aifw_privd

@Suite struct `Dispatching` {
    private let vault: Vault
    private let kernel = StandInKernel()
    private static let tunnel = Samples.object

    init() throws { vault = Vault(keys: [try Samples.key(1)]) }

    private func call<Asked: Verb>(_ verb: Asked) throws -> Asked.Answer {
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
        return try call(verb, &dispatch)
    }

    private func call<Asked: Verb>(
        _ verb: Asked, _ dispatch: inout Dispatch<StandInKernel>, now: Int64 = 0, record: (String) -> Void = { _ in }
    ) throws -> Asked.Answer {
        var frames: [Bytes] = []
        try dispatch.answer(verb.request, now: now, record: record) { frames.append($0) }
        let frame = try #require(frames.first)
        #expect(frames.count == 1)
        let body = frame.withUnsafeBytes { Bytes(Array($0.dropFirst(Frame.headerLength))) }
        switch try Reply<Asked>(frame: body) {
        case .answer(let answer): return answer
        case .refused(let refusal): throw refusal
        }
    }

    private func sealed(
        _ secretClass: SecretClass, _ purpose: SecretPurpose, object: ObjectID = tunnel, count: Int = SecretKey.length
    ) throws -> SealedSecret {
        let item = Seal.Item(
            object: object, class: secretClass, purpose: purpose, origin: .given(try Samples.secret(count: count)))
        return try #require(try call(Seal([item])).sealed.first?.secret)
    }

    private func apply(_ secret: SealedSecret?, addresses: [String]? = nil) throws -> ApplyTunnel {
        ApplyTunnel(
            tunnel: Self.tunnel, interface: try TunnelInterface("wg0"), privateKey: secret,
            addresses: try addresses?.map { try InterfaceAddress($0) })
    }

    @Test func `A greeting is answered with the back end in use`() throws {
        let answer = try call(Greet(channel: .write))
        #expect(answer.version == Greet.protocolVersion)
        #expect(answer.wireguard == .userspace)
    }

    @Test func `A tunnel's key reaches the kernel opened`() throws {
        #expect(try call(apply(sealed(.device, .wireguardPrivateKey))).index == 42)
        #expect(Samples.bytes(kernel.record.privateKey?.secret) == [UInt8](repeating: 7, count: 32))
    }

    @Test func `Without a key the kernel gets none`() throws {
        _ = try call(apply(nil))
        #expect(kernel.record.calls == ["applyTunnel wg0"])
        #expect(kernel.record.privateKey == nil)
    }

    @Test func `A key of a peer or of another tunnel does not become a tunnel's`() throws {
        for secret in [
            try sealed(.client, .wireguardPrivateKey), try sealed(.client, .wireguardPresharedKey),
            try sealed(.device, .wireguardPrivateKey, object: ObjectID(bits: 1)),
        ] {
            let refusal = #expect(throws: Refusal.self) { try call(apply(secret)) }
            #expect(refusal?.code == .unsealable)
            #expect(refusal?.field == "private_key")
        }
        #expect(kernel.record.calls.isEmpty)
    }

    @Test func `What the policy forbids does not reach the kernel`() throws {
        let refusal = #expect(throws: Refusal.self) { try call(apply(nil, addresses: ["127.0.0.1/8"])) }
        #expect(refusal?.code == .policy)
        #expect(kernel.record.calls.isEmpty)
    }

    @Test func `Pre-shared keys reach the kernel by their peers, opened`() throws {
        let peers = (1...3).compactMap { PublicKey(bytes: [UInt8](repeating: UInt8($0), count: 32)) }
        let object = ObjectID(bits: 9)
        let reference = SealedReference(
            object: object, secret: try sealed(.client, .wireguardPresharedKey, object: object))
        _ = try call(
            ApplyPeers(
                tunnel: Self.tunnel, interface: try TunnelInterface("wg0"),
                set: [
                    PeerChange(publicKey: peers[0], presharedKey: .some(reference)),
                    PeerChange(publicKey: peers[1], presharedKey: .some(nil)), PeerChange(publicKey: peers[2]),
                ]))
        #expect(Array(kernel.record.presharedKeys.keys) == [peers[0]])
        #expect(Samples.bytes(kernel.record.presharedKeys[peers[0]]?.secret) == [UInt8](repeating: 7, count: 32))
    }

    @Test func `A private key does not become a pre-shared key`() throws {
        let peer = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        let reference = SealedReference(object: Self.tunnel, secret: try sealed(.client, .wireguardPrivateKey))
        let request = ApplyPeers(
            tunnel: Self.tunnel, interface: try TunnelInterface("wg0"),
            set: [PeerChange(publicKey: peer, presharedKey: .some(reference))])
        let refusal = #expect(throws: Refusal.self) { try call(request) }
        #expect(refusal?.code == .unsealable)
        #expect(refusal?.field == "set[0].preshared_key.secret")
        #expect(kernel.record.calls.isEmpty)
    }

    @Test func `Every reveal is one line that names purposes and objects and counts on`() throws {
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
        var lines: [String] = []
        let other = ObjectID(bits: 9)
        let items = [
            Reveal.Item(
                object: Self.tunnel, purpose: .wireguardPrivateKey,
                secret: try sealed(.client, .wireguardPrivateKey)),
            Reveal.Item(
                object: other, purpose: .wireguardPrivateKey,
                secret: try sealed(.client, .wireguardPrivateKey, object: other)),
            Reveal.Item(
                object: Self.tunnel, purpose: .wireguardPresharedKey,
                secret: try sealed(.client, .wireguardPresharedKey)),
        ]
        _ = try call(Reveal(items), &dispatch) { lines.append($0) }
        _ = try call(Reveal([items[2]]), &dispatch) { lines.append($0) }
        _ = try call(Reveal([]), &dispatch) { lines.append($0) }
        #expect(
            lines == [
                "revealed 3 secrets, 3 since the start: wireguard-private-key of \(Self.tunnel) \(other); "
                    + "wireguard-preshared-key of \(Self.tunnel)",
                "revealed 1 secret, 4 since the start: wireguard-preshared-key of \(Self.tunnel)",
            ])
    }

    @Test func `The longest line of a reveal is written whole`() throws {
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
        let secrets = try (0..<Reveal.limit).map { number in
            let object = ObjectID(bits: UInt128(number))
            let purpose = number % 2 == 0 ? SecretPurpose.wireguardPrivateKey : .wireguardPresharedKey
            return Reveal.Item(object: object, purpose: purpose, secret: try sealed(.client, purpose, object: object))
        }
        var line = ""
        _ = try call(Reveal(secrets), &dispatch) { line = $0 }
        let written = "\(line), to process 4194304"
        #expect(Journal.line(written) == written)
        #expect(secrets.allSatisfy { line.contains($0.object.description) })
    }

    @Test func `Beyond the budget nothing is revealed, and nothing is on record`() throws {
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
        let secret = try sealed(.client, .wireguardPresharedKey)
        let item = Reveal.Item(object: Self.tunnel, purpose: .wireguardPresharedKey, secret: secret)
        let full = Reveal(Array(repeating: item, count: 250))
        for _ in 0..<40 { _ = try call(full, &dispatch) }
        var lines: [String] = []
        let refusal = #expect(throws: Refusal.self) {
            try call(Reveal([item, item]), &dispatch, now: 39) { lines.append($0) }
        }
        #expect(refusal?.code == .rate)
        #expect(refusal?.retryAfter == 1)
        #expect(lines.isEmpty)
        #expect(try call(Reveal([item, item]), &dispatch, now: 40).secrets.count == 2)
    }

    @Test func `A secret that does not open is on no record, but costs`() throws {
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: .standard, now: 0)
        let item = Reveal.Item(
            object: Self.tunnel, purpose: .wireguardPrivateKey, secret: try sealed(.device, .wireguardPrivateKey))
        var lines: [String] = []
        for _ in 0..<RevealBudget.burst {
            let refusal = #expect(throws: Refusal.self) { try call(Reveal([item]), &dispatch) { lines.append($0) } }
            guard refusal?.code == .unsealable else { return }
        }
        let refusal = #expect(throws: Refusal.self) { try call(Reveal([item]), &dispatch) }
        #expect(refusal?.code == .rate)
        #expect(lines.isEmpty)
    }

    @Test func `The inventory tells the policy`() throws {
        let policy = NetworkPolicy(routes: NetworkAllowance(networks: [try Prefix("10.0.0.0/8")]), hostNetworks: .allow)
        var dispatch = Dispatch(vault: vault, kernel: kernel, policy: policy, now: 0)
        #expect(try call(Inventory(), &dispatch).policy == policy)
    }

    @Test func `The other verbs reach the kernel as they are`() throws {
        let wg3 = try TunnelInterface("wg3")
        _ = try call(RemoveTunnel(tunnel: Self.tunnel, interface: wg3))
        _ = try call(ReadTunnel(tunnel: Self.tunnel, interface: wg3))
        _ = try call(Inventory())
        _ = try call(ApplyRules())
        _ = try call(ReadRules())
        _ = try call(ReadAssociations())
        #expect(
            kernel.record.calls == [
                "removeTunnel wg3", "readTunnel wg3", "inventory", "applyRules", "readRules", "readAssociations",
            ])
    }

    // MARK: IPsec

    private func addition(
        _ direction: TrafficDirection, _ transform: Transform<SealedSecret>
    ) throws -> ApplyAssociations.Addition {
        ApplyAssociations.Addition(
            object: Self.tunnel, direction: direction,
            association: try AssociationSamples.association(
                transform, to: direction == .in ? "203.0.113.2" : "203.0.113.3"))
    }

    @Test func `The keys of an association reach the kernel opened, each by its direction`() throws {
        _ = try call(
            ApplyAssociations(add: [
                try addition(.in, .aead(.aes256GCM, sealed(.client, .ipsecEncryptionKeyIn, count: 36))),
                try addition(
                    .out,
                    .cipher(
                        .aes256CBC, sealed(.client, .ipsecEncryptionKeyOut), .hmacSHA512,
                        sealed(.client, .ipsecAuthenticationKeyOut, count: 64))),
            ]))
        #expect(kernel.record.calls == ["applyAssociations"])
        let keys = kernel.record.associationKeys
        #expect(keys.map { $0.encryption?.count } == [36, 32])
        #expect(keys.map { $0.authentication?.count } == [nil, 64])
        #expect(Samples.bytes(keys.first?.encryption) == [UInt8](repeating: 7, count: 36))
    }

    @Test func `A key of the other direction, another purpose or another association is none of its own`() throws {
        let wrong: [(SealedSecret, Transform<SealedSecret>)] = try [
            sealed(.client, .ipsecEncryptionKeyOut, count: 36), sealed(.client, .wireguardPresharedKey),
            sealed(.client, .ipsecEncryptionKeyIn, object: ObjectID(bits: 1), count: 36),
        ].map { ($0, .aead(.aes256GCM, $0)) }
        for (_, transform) in wrong {
            let refusal = #expect(throws: Refusal.self) {
                try call(ApplyAssociations(add: [try addition(.in, transform)]))
            }
            #expect(refusal?.code == .unsealable)
            #expect(refusal?.field == "add[0].encryption_key")
        }
        let hash = try sealed(.client, .ipsecAuthenticationKeyOut)
        let refusal = #expect(throws: Refusal.self) {
            try call(ApplyAssociations(add: [try addition(.in, .authentication(.hmacSHA256, hash))]))
        }
        #expect(refusal?.field == "add[0].authentication_key")
        #expect(kernel.record.calls.isEmpty)
    }

    @Test func `A key of another algorithm's length is refused`() throws {
        for transform in [
            Transform.aead(.aes128GCM, try sealed(.client, .ipsecEncryptionKeyIn, count: 36)),
            .aead(.aes256GCM, try sealed(.client, .ipsecEncryptionKeyIn, count: 32)),
            .authentication(.hmacSHA512, try sealed(.client, .ipsecAuthenticationKeyIn, count: 48)),
        ] {
            let refusal = #expect(throws: Refusal.self) {
                try call(ApplyAssociations(add: [try addition(.in, transform)]))
            }
            #expect(
                refusal
                    == Refusal(.policy, "has keys whose length is not that of its algorithms", field: "add[0]"))
        }
        #expect(kernel.record.calls.isEmpty)
    }

    @Test func `What the policy forbids of IPsec does not reach the kernel`() throws {
        let wide = try AssociationSamples.policy(.out, "10.0.0.0/8", "0.0.0.0/0")
        let refusal = #expect(throws: Refusal.self) { try call(ApplyAssociations(addPolicies: [wide])) }
        #expect(refusal?.field == "add_policies[0].destination")
        let rule = PassRule.keyExchange(
            owner: Self.tunnel, local: try IPAddress("192.0.2.1"), remote: try IPAddress("127.0.0.1"))
        #expect(throws: Refusal.self) { try call(ApplyRules(add: [rule])) }
        #expect(kernel.record.calls.isEmpty)
    }
}
