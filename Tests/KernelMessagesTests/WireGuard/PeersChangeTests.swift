import Testing
import Wire

@testable import KernelMessages

/// What becomes of a request's peers once its pre-shared keys are opened.
struct PeersChangeTests {
    private let tunnel = ObjectID(bits: 1)

    private func request(_ presharedKey: SealedReference??) throws -> (ApplyPeers, PublicKey) {
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 2, count: 32)))
        let change = PeerChange(publicKey: key, presharedKey: presharedKey, keepalive: try Keepalive(7))
        return (ApplyPeers(tunnel: tunnel, interface: try TunnelInterface("wg0"), set: [change]), key)
    }

    private func sealed() throws -> SealedReference {
        SealedReference(object: tunnel, secret: try #require(SealedSecret(bytes: [1, 2, 3])))
    }

    @Test func `a pre-shared key stays, goes or is set, as the request says`() throws {
        let opened = try #require(SecretKey(Bytes([UInt8](repeating: 9, count: 32))))
        let (kept, key) = try request(.none)
        let peer = try PeersChange(kept, presharedKeys: [:]).set[0]
        #expect(peer.presharedKey == nil)
        #expect(peer.publicKey == key)
        #expect(peer.keepalive?.rawValue == 7)
        guard case .some(nil) = try PeersChange(request(.some(nil)).0, presharedKeys: [:]).set[0].presharedKey else {
            Issue.record("null takes the key away")
            return
        }
        let change = try PeersChange(request(.some(try sealed())).0, presharedKeys: [key: opened])
        #expect(change.set[0].presharedKey??.withUnsafeBytes { $0.allSatisfy { $0 == 9 } } == true)
    }

    @Test func `a pre-shared key that was not opened is a refusal, not a peer without one`() throws {
        let request = try request(.some(try sealed())).0
        let refusal = #expect(throws: Refusal.self) { try PeersChange(request, presharedKeys: [:]) }
        #expect(refusal?.code == .unsealable)
        #expect(refusal?.field == "set[0].preshared_key")
    }
}
