package import Wire

/// The settings of a WireGuard interface but its peers.
package struct DeviceState: Equatable {
    /// Nil if it has no private key.
    package var publicKey: PublicKey?
    /// Nil if none is bound.
    package var listenPort: Port?
    package var mark = FirewallMark(validated: 0)

    package init() {}
}
