internal import ArgumentParser

/// `aifw vpn`: tunnels and their peers.
struct VPN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vpn",
        abstract: "WireGuard tunnels and their peers.",
        subcommands: [
            List.self, Remove.self,
            WGAdd.self, WGList.self, WGEdit.self, WGStart.self, WGStop.self, WGStatus.self,
            WGPeerAdd.self, WGPeerList.self, WGPeerEdit.self, WGPeerEnable.self, WGPeerDisable.self, WGPeerRemove.self,
            WGRotate.self, WGConfig.self,
        ])
}
