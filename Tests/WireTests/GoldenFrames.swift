import Foundation
import Testing
import Wire

/// One frame a file, length included: what both daemons must go on understanding.
///
/// A changed byte here is a changed protocol. After a wanted change run the tests once with `AIFW_WRITE_GOLDEN=1`, and
/// read the difference.
struct GoldenFrames {
    static let tunnel = ObjectID(bits: 0x5ad0_f1e2_7b55_4c33_9d2c_0b8f_3f1f_5a10)
    static let peer = ObjectID(bits: 0x0c7c_92a8_0d1e_4b5f_8a44_6f2b_11c7_20de)

    static func key(_ byte: UInt8) -> PublicKey { PublicKey(bytes: [UInt8](repeating: byte, count: 32))! }
    static func sealed(_ byte: UInt8) -> SealedSecret { SealedSecret(bytes: [UInt8](repeating: byte, count: 81))! }
    static func secret(_ byte: UInt8) -> SecretKey { SecretKey(Bytes([UInt8](repeating: byte, count: 32)))! }
    static let keyID = SealingKeyID(bytes: [UInt8](repeating: 6, count: 8))!
    static let box = RecoveryBox(bytes: [UInt8](repeating: 5, count: RecoveryBox.length))!
    static let fingerprint = SecretFingerprint(bytes: [UInt8](repeating: 9, count: 16))!

    static let rules: [PassRule] = [
        .listenPort(owner: tunnel, port: Port(validated: 51820), on: nil),
        .listenPort(owner: tunnel, port: Port(validated: 51821), on: try! InterfaceName("eth0")),
        .tunnelTraffic(owner: tunnel, on: try! TunnelInterface("wg0")),
        .protectedPackets(
            owner: peer, .esp, local: try! IPAddress("203.0.113.1"), remote: try! IPAddress("198.51.100.1")),
        .keyExchange(owner: peer, local: try! IPAddress("2001:db8::1"), remote: try! IPAddress("2001:db8::2")),
        .innerTraffic(
            owner: peer, number: AssociationNumber(validated: 7), local: try! Prefix("10.1.0.0/16"),
            remote: try! Prefix("10.2.0.0/16")),
        .masquerade(owner: tunnel, network: try! Prefix("10.0.0.0/24"), on: try! TunnelInterface("wg0")),
    ]

    static func association<Key>(_ transform: Transform<Key>) throws -> SecurityAssociation<Key> {
        SecurityAssociation(
            number: AssociationNumber(validated: 7), source: try IPAddress("198.51.100.1"),
            destination: try IPAddress("203.0.113.1"), spi: try SPI(0x1000_0001), mode: .tunnel, transform: transform,
            replayWindow: ReplayWindow(validated: 0))
    }

    static func policy(_ direction: SecurityPolicyKey.Direction) throws -> SecurityPolicy {
        SecurityPolicy(
            key: SecurityPolicyKey(
                number: AssociationNumber(validated: 7), direction: direction, source: try Prefix("10.2.0.0/16"),
                destination: try Prefix("10.1.0.0/16")),
            from: try IPAddress("198.51.100.1"), to: try IPAddress("203.0.113.1"), mode: .tunnel,
            protocols: [.esp, .ah])
    }

    static func state(_ asMade: SecurityAssociation<SecretFingerprint>?) throws -> SecurityAssociationState {
        SecurityAssociationState(
            number: asMade?.number, source: try IPAddress("198.51.100.1"), destination: try IPAddress("203.0.113.1"),
            spi: try SPI(0x1000_0001), securityProtocol: .esp, asMade: asMade, bytes: 840, packets: 10,
            addedAt: 1_764_000_000, usedAt: 0, outsideWindow: 1, repeated: 2, unauthentic: 3)
    }

    static func requests() throws -> [(name: String, request: Request)] {
        let wg0 = try TunnelInterface("wg0")
        return [
            ("greet", Greet(channel: .write).request),
            (
                "seal",
                Seal([
                    .init(object: tunnel, class: .device, purpose: .wireguardPrivateKey),
                    .init(object: peer, class: .client, purpose: .wireguardPresharedKey, given: secret(7).secret),
                    .init(object: tunnel, class: .device, purpose: .wireguardPrivateKey, origin: .box(box)),
                    .init(object: peer, class: .client, purpose: .ipsecEncryptionKeyIn, origin: .made(length: 36)),
                ]).request
            ),
            (
                "reseal",
                Reseal([.init(object: peer, class: .client, purpose: .wireguardPresharedKey, secret: sealed(2))])
                    .request
            ),
            ("reveal", Reveal([.init(object: peer, purpose: .wireguardPrivateKey, secret: sealed(3))]).request),
            (
                "applyTunnel",
                ApplyTunnel(
                    tunnel: tunnel, interface: wg0, privateKey: sealed(1), listenPort: try Port(51820),
                    mark: try FirewallMark(0), mtu: .standard,
                    addresses: [try InterfaceAddress("10.0.0.1/24"), try InterfaceAddress("fd00::1/64")]
                ).request
            ),
            ("applyTunnel-mtu", ApplyTunnel(tunnel: tunnel, interface: wg0, mtu: try MTU(1380)).request),
            (
                "applyPeers",
                ApplyPeers(
                    tunnel: tunnel, interface: wg0, remove: [key(1)],
                    set: [
                        PeerChange(
                            publicKey: key(2),
                            presharedKey: .some(SealedReference(object: peer, secret: sealed(2))),
                            endpoint: try Endpoint("[2001:db8::1]:51820"),
                            allowedIPs: [try Prefix("10.0.0.2/32"), try Prefix("192.168.7.0/24")],
                            keepalive: try Keepalive(25)),
                        PeerChange(publicKey: key(3), presharedKey: .some(nil)),
                    ],
                    removeRoutes: [try Prefix("192.168.8.0/24")], addRoutes: [try Prefix("192.168.7.0/24")]
                ).request
            ),
            ("removeTunnel", RemoveTunnel(tunnel: tunnel, interface: wg0).request),
            ("readTunnel", ReadTunnel(tunnel: tunnel, interface: wg0).request),
            ("inventory", Inventory().request),
            ("inventory-interface", Inventory(.interface(wg0)).request),
            ("inventory-networks", Inventory(.networks([try Prefix("10.2.0.0/16")])).request),
            ("applyRules", ApplyRules(reset: true, remove: [rules[0]], add: rules).request),
            ("readRules", ReadRules().request),
            (
                "applyAssociations",
                ApplyAssociations(
                    removePolicies: [try policy(.forward).key],
                    remove: [try association(.aead(.aes256GCM, sealed(1))).key],
                    add: [
                        .init(
                            object: peer, direction: .in, association: try association(.aead(.aes256GCM, sealed(1)))),
                        .init(
                            object: peer, direction: .out,
                            association: try association(.cipher(.aes256CBC, sealed(2), .hmacSHA256, sealed(3)))),
                        .init(
                            object: peer, direction: .out,
                            association: try association(.authentication(.hmacSHA512, sealed(4)))),
                    ],
                    addPolicies: [try policy(.in), try policy(.out)]
                ).request
            ),
            (
                "readAssociations",
                ReadAssociations(
                    only: .init(
                        associations: [try association(.aead(.aes256GCM, sealed(1))).key],
                        policies: [try policy(.in).key])
                ).request
            ),
            ("readAssociations-all", ReadAssociations().request),
        ]
    }

    static func replies() throws -> [(name: String, frame: Bytes, reread: @Sendable (Bytes) throws -> Bytes)] {
        let wg0 = try TunnelInterface("wg0")
        return [
            reply(
                "greet", Greet.self,
                Greet.Answer(release: "0.1.0", wireguard: .userspace, filter: .nftables, key: keyID)),
            reply("applyRules", ApplyRules.self, ApplyRules.Answer()),
            reply(
                "readRules", ReadRules.self,
                ReadRules.Answer(isWhole: true, parts: ["wg_ports 51820", "wg_interfaces wg0"], more: false)),
            reply("applyAssociations", ApplyAssociations.self, ApplyAssociations.Answer()),
            reply(
                "readAssociations", ReadAssociations.self,
                ReadAssociations.Answer(
                    associations: [
                        try state(try association(.aead(.aes256GCM, fingerprint))), try state(nil),
                    ],
                    policies: [
                        SecurityPolicyState(key: try policy(.in).key, asMade: try policy(.in)),
                        SecurityPolicyState(key: try policy(.out).key, asMade: nil),
                    ], more: true)),
            reply(
                "seal", Seal.self,
                Seal.Answer([
                    .init(sealed(1), publicKey: key(4)), .init(sealed(2), fingerprint: fingerprint),
                ])),
            reply(
                "reseal", Reseal.self,
                Reseal.Answer([
                    .init(sealed(1)), .init(sealed(2), fingerprint: fingerprint), .init(sealed(3), box: box),
                ])),
            reply("reveal", Reveal.self, Reveal.Answer([secret(5).secret])),
            reply("applyTunnel", ApplyTunnel.self, ApplyTunnel.Answer(index: 12)),
            reply("applyPeers", ApplyPeers.self, ApplyPeers.Answer()),
            reply("removeTunnel", RemoveTunnel.self, RemoveTunnel.Answer()),
            reply(
                "readTunnel", ReadTunnel.self,
                ReadTunnel.Answer(
                    link: TunnelState(
                        index: 12, isUp: true, mtu: 1420, addresses: [try InterfaceAddress("10.0.0.1/24")],
                        publicKey: key(4), listenPort: try Port(51820), mark: try FirewallMark(0)),
                    routes: [try Prefix("192.168.7.0/24")],
                    peers: [
                        PeerState(
                            publicKey: key(2), presharedKey: fingerprint, endpoint: try Endpoint("192.0.2.7:40000"),
                            allowedIPs: [try Prefix("10.0.0.2/32")], keepalive: try Keepalive(25),
                            latestHandshake: 1_764_000_000, received: 1024, sent: 2048)
                    ],
                    more: true)),
            reply("readTunnel-absent", ReadTunnel.self, ReadTunnel.Answer(link: nil, peers: [], more: false)),
            reply(
                "inventory", Inventory.self,
                Inventory.Answer(
                    tunnels: [.init(tunnel: tunnel, interface: wg0, isUp: true)], foreign: [try TunnelInterface("wg7")],
                    addresses: [try InterfaceAddress("192.0.2.1/24"), try InterfaceAddress("2001:db8::1/64")],
                    farEnds: [try Prefix("198.51.100.9/32")], defaultSources: [try IPAddress("192.0.2.1")],
                    policy: NetworkPolicy(
                        tunnels: NetworkAllowance(networks: [try Prefix("10.0.0.0/8")], limit: try .init(64)),
                        routes: NetworkAllowance(limit: try .init(1000)),
                        selectors: NetworkAllowance(networks: []), hostNetworks: .allow))),
            (
                "refused-rate", try Refusal(.rate, "come back in 3 s", field: "secrets", retryAfter: 3).frame(),
                { body in
                    guard case .refused(let refusal) = try Reply<Reveal>(frame: body) else { throw Unread() }
                    return try refusal.frame()
                }
            ),
            (
                "refused",
                try Refusal(.kernel, "Address already in use", field: "listen_port", errno: 98).frame(),
                { body in
                    guard case .refused(let refusal) = try Reply<Greet>(frame: body) else { throw Unread() }
                    return try refusal.frame()
                }
            ),
        ]
    }

    struct Unread: Error {}

    private static func reply<Asked: Verb>(
        _ name: String, _ verb: Asked.Type, _ answer: Asked.Answer
    ) -> (name: String, frame: Bytes, reread: @Sendable (Bytes) throws -> Bytes) {
        // A frame of this size always fits; an empty one would fail the comparison.
        let frame = (try? Reply<Asked>.answer(answer).frame()) ?? Bytes()
        return (
            name, frame,
            { body in
                let reply = try Reply<Asked>(frame: body)
                guard case .answer = reply else { throw Unread() }
                return try reply.frame()
            }
        )
    }

    static func golden(_ name: String, writing frame: Bytes) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        let file = folder.appendingPathComponent("\(name).frame")
        if ProcessInfo.processInfo.environment["AIFW_WRITE_GOLDEN"] != nil { try Data(frame.array).write(to: file) }
        return [UInt8](try Data(contentsOf: file))
    }

    @Test func `Every request is written as in its golden frame and read back from it`() throws {
        for (name, request) in try Self.requests() {
            let expected = try Self.golden("\(name).request", writing: try request.frame())
            #expect(try request.frame().array == expected, "\(name)")
            let again = try Request(frame: Bytes(expected.dropFirst(Frame.headerLength)))
            #expect(try again.frame().array == expected, "\(name)")
        }
    }

    @Test func `Every reply is written as in its golden frame and read back from it`() throws {
        for (name, frame, reread) in try Self.replies() {
            let expected = try Self.golden("\(name).reply", writing: frame)
            #expect(frame.array == expected, "\(name)")
            #expect(try reread(Bytes(expected.dropFirst(Frame.headerLength))).array == expected, "\(name)")
        }
    }

    @Test func `There is a golden frame for every verb`() throws {
        let requests = Set(try Self.requests().map(\.request.kind))
        #expect(requests == Set(Request.Kind.allCases))
        let replies = Set(try Self.replies().map(\.name))
        #expect(replies.isSuperset(of: Request.Kind.allCases.map(\.rawValue)))
    }

    @Test func `No golden frame can lose or change a byte and still be read as the same`() throws {
        for (name, request) in try Self.requests() {
            let whole = try request.frame().array
            let body = Array(whole.dropFirst(Frame.headerLength))
            for cut in 0..<body.count {
                #expect(throws: Refusal.self, "\(name) cut at \(cut)") { try Request(frame: Bytes(body[..<cut])) }
            }
            for index in body.indices {
                var flipped = body
                flipped[index] ^= 0x01
                if let read = try? Request(frame: Bytes(flipped)) {
                    #expect(try read.frame().array != whole, "\(name) changed at \(index)")
                }
            }
        }
    }
}

extension Bytes {
    var array: [UInt8] { withUnsafeBytes { Array($0) } }
}
