import KernelMessages
import Wire

@testable import aifw_privd

/// A real way to do WireGuard that refuses to change an interface's settings: the last step of a change fails.
struct RefusingWireGuard: WireGuard {
    let real: any WireGuard

    var backend: WireGuardBackend { real.backend }

    func set(_ change: DeviceChange, of link: Link) throws(Refusal) { throw Refusal(.kernel, "is not to be") }

    func runs(_ link: Link) throws(Refusal) -> Bool { try real.runs(link) }
    func isLeftover(_ link: Link) -> Bool { real.isLeftover(link) }
    func check(_ port: Port) throws(Refusal) { try real.check(port) }
    func device(_ link: Link) throws(Refusal) -> DeviceState { try real.device(link) }
    func apply(_ change: PeersChange, to link: Link) throws(Refusal) { try real.apply(change, to: link) }
    func remove(_ link: Link) throws(Refusal) { try real.remove(link) }

    func make(_ interface: TunnelInterface, tunnel: ObjectID, port: Port) throws(Refusal) -> Link {
        try real.make(interface, tunnel: tunnel, port: port)
    }

    func read(
        _ link: Link, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        device: (DeviceState) throws(Refusal) -> Void, peer: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        try real.read(link, fingerprint: fingerprint, device: device, peer: peer)
    }
}
