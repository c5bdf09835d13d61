import Wire

/// Starts a wireguard-go for a tunnel; the launcher is the one thing in the helper that can.
protocol WireGuardGoStarting: AnyObject {
    /// Returns when `/run/wireguard/wgN.sock` of the new process takes connections.
    ///
    /// - Throws: `.launcher` with the errno or exit status in words if the program could not be started, ended at once or
    ///   was not ready within 5 s (it is ended then); errno `EEXIST` if something serves that socket already.
    func start(_ interface: TunnelInterface) throws(Refusal)
}
