import CLinux
import Foundation
import Testing
import Wire

@testable import KernelMessages

/// What is written to the kernel's WireGuard, taken apart again; and what is made of a list that is cut or wrong.
struct WireGuardMessagesTests {
    private let messages = WireGuardMessages(family: 30, index: 5, capacity: 2048)

    private func key(_ number: Int) throws -> PublicKey {
        try #require(PublicKey(bytes: (0..<32).map { $0 == 0 ? 9 : UInt8(truncatingIfNeeded: number >> ($0 % 2 * 8)) }))
    }

    private func attributes(_ message: NetlinkMessage) -> NetlinkAttributes {
        let payload = UnsafeRawBufferPointer(rebasing: message.bytes.dropFirst(16))
        return NetlinkReply(type: 30, payload: payload).attributes(after: genlmsghdr.self)
    }

    /// The entries of peers in a message: the types of their attributes and the flags.
    private func entries(_ message: NetlinkMessage) -> [(types: [Int], flags: UInt32?, prefixes: Int)] {
        let peers = attributes(message).first { $0.type == Int(WGDEVICE_A_PEERS.rawValue) }
        return (peers.map { Array($0.nested) } ?? []).map { entry in
            let all = Array(entry.nested)
            let flags: UInt32? = all.first { $0.type == Int(WGPEER_A_FLAGS.rawValue) }?.integer()
            let prefixes =
                all.first { $0.type == Int(WGPEER_A_ALLOWEDIPS.rawValue) }.map { Array($0.nested).count } ?? 0
            return (all.map(\.type), flags, prefixes)
        }
    }

    private func peer(_ number: Int, prefixes: Int?) throws -> PeersChange.Peer {
        PeersChange.Peer(
            publicKey: try key(number), presharedKey: .some(SecretKey(Bytes([UInt8](repeating: 7, count: 32)))),
            endpoint: try Endpoint("[2001:db8::1]:7"),
            allowedIPs: try prefixes.map { count in
                try (0..<count).map {
                    Prefix(host: try #require(IPAddress(bytes: [10, 0, UInt8($0 >> 8), UInt8($0 & 255)])))
                }
            }, keepalive: try Keepalive(25))
    }

    /// Reads written messages as if the kernel had listed them.
    private func read(_ messages: [NetlinkMessage]) throws -> [PeerState] {
        var reading = WireGuardReading()
        var peers: [PeerState] = []
        for message in messages {
            let payload = UnsafeRawBufferPointer(rebasing: message.bytes.dropFirst(16))
            try reading.take(payload, fingerprint: plainFingerprint) { (peer) throws(Refusal) in
                peers.append(peer)
            }
        }
        if let last = reading.finish() { peers.append(last) }
        return peers
    }

    @Test func `one peer is one message, whatever of it changes`() throws {
        let kept = PeersChange.Peer(
            publicKey: try key(1), presharedKey: .none, endpoint: nil, allowedIPs: nil, keepalive: nil)
        for peer in [kept, try peer(1, prefixes: 0), try peer(1, prefixes: 3)] {
            #expect(messages.set(PeersChange(set: [peer])).count == 1)
        }
        #expect(entries(messages.set(PeersChange(set: [kept]))[0])[0].types == [Int(WGPEER_A_PUBLIC_KEY.rawValue)])
        #expect(messages.set(PeersChange()).isEmpty)
    }

    @Test func `a peer that goes has its key and the flag alone`() throws {
        let entry = entries(messages.set(PeersChange(remove: [try key(1)]))[0])[0]
        #expect(entry.types == [Int(WGPEER_A_PUBLIC_KEY.rawValue), Int(WGPEER_A_FLAGS.rawValue)])
        #expect(entry.flags == WGPEER_F_REMOVE_ME.rawValue)
    }

    @Test func `an empty list of allowed IPs replaces, none at all does not`() throws {
        #expect(entries(messages.set(PeersChange(set: [try peer(1, prefixes: 0)]))[0])[0].flags == 2)
        #expect(entries(messages.set(PeersChange(set: [try peer(1, prefixes: nil)]))[0])[0].flags == nil)
    }

    @Test func `a peer that overflows goes on in the next message without flags and settings`() throws {
        let parts = messages.set(PeersChange(set: [try peer(1, prefixes: 300)]))
        #expect(parts.count > 2)
        #expect(entries(parts[0])[0].flags == WGPEER_F_REPLACE_ALLOWEDIPS.rawValue)
        for part in parts.dropFirst() {
            #expect(
                entries(part)[0].types == [Int(WGPEER_A_PUBLIC_KEY.rawValue), Int(WGPEER_A_ALLOWEDIPS.rawValue)])
        }
        #expect(parts.reduce(0) { $0 + entries($1)[0].prefixes } == 300)
        #expect(try read(parts).map(\.allowedIPs.count) == [300])
    }

    @Test(arguments: 0..<60)
    func `wherever messages are split, the peers in them are whole`(prefixes: Int) throws {
        let peers = try (0..<12).map { try peer($0, prefixes: $0 % 3 == 0 ? prefixes : 1) }
        let parts = messages.set(PeersChange(remove: [try key(100), try key(101)], set: peers))
        for part in parts { #expect(part.bytes.count <= 2048) }
        let states = try read(parts).filter { state in peers.contains { $0.publicKey == state.publicKey } }
        #expect(states.count == 12)
        for (state, peer) in zip(states, peers) {
            #expect(state.publicKey == peer.publicKey)
            #expect(state.allowedIPs == peer.allowedIPs)
            #expect(state.endpoint == peer.endpoint)
            #expect(state.keepalive == peer.keepalive)
            #expect(state.presharedKey != nil)
        }
    }

    @Test func `an entry without a good key is no peer, and no part of the one before it`() throws {
        let zeros = try #require(PublicKey(bytes: [UInt8](repeating: 0, count: 32)))
        let stray = PeersChange.Peer(publicKey: zeros, allowedIPs: [try Prefix("192.168.0.0/24")])
        let peers = try read(messages.set(PeersChange(set: [try peer(1, prefixes: 2), stray])))
        #expect(peers.map(\.publicKey) == [try key(1)])
        #expect(peers.first?.allowedIPs.count == 2)
    }

    @Test func `a device's change names only what changes`() throws {
        let message = messages.set(DeviceChange(mark: try FirewallMark(0)))
        let types = withExtendedLifetime(message) { attributes(message).map(\.type) }
        #expect(types == [Int(WGDEVICE_A_IFINDEX.rawValue), Int(WGDEVICE_A_FWMARK.rawValue)])
    }

    @Test func `no cut through a list reads beyond it`() throws {
        let message = messages.set(PeersChange(set: [try peer(1, prefixes: 4), try peer(2, prefixes: 1)]))[0]
        let whole = Array(message.bytes.dropFirst(16))
        for count in 0...whole.count {
            var reading = WireGuardReading()
            // Memory of exactly that size, a copy: the sanitizer sees a read beyond it.
            try Array(whole.prefix(count)).withUnsafeBytes { bytes in
                try reading.take(bytes, fingerprint: plainFingerprint) { (_) throws(Refusal) in }
            }
        }
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0xFF
            var reading = WireGuardReading()
            try damaged.withUnsafeBytes { bytes in
                try reading.take(bytes, fingerprint: plainFingerprint) { (_) throws(Refusal) in }
            }
        }
    }
}
