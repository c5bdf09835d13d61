package import Wire

/// What is to change of a WireGuard interface; nil stays.
package struct DeviceChange {
    package var privateKey: SecretKey?
    package var listenPort: Port?
    package var mark: FirewallMark?

    package init(privateKey: SecretKey? = nil, listenPort: Port? = nil, mark: FirewallMark? = nil) {
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.mark = mark
    }

    package var isEmpty: Bool { privateKey == nil && listenPort == nil && mark == nil }

    /// What is left of it for an interface that is as `state` says: a port that is set again drops packets.
    ///
    /// - Parameter publicKey: the public key of `privateKey`.
    package func differing(from state: DeviceState, publicKey: PublicKey?) -> DeviceChange {
        DeviceChange(
            privateKey: publicKey == state.publicKey ? nil : privateKey,
            listenPort: listenPort == state.listenPort ? nil : listenPort,
            mark: mark == state.mark ? nil : mark)
    }
}
