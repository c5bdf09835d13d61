internal import ArgumentParser

/// `aifw vpn`: tunnels with their peers, associations, and the rules that let them through.
struct VPN: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vpn",
        abstract: "WireGuard tunnels and their peers, IPsec associations.",
        subcommands: [
            List.self, Remove.self, Rules.self,
            WGAdd.self, WGImport.self, WGList.self, WGEdit.self, WGStart.self, WGStop.self, WGStatus.self,
            WGTraffic.self,
            WGPeerAdd.self, WGPeerList.self, WGPeerEdit.self, WGPeerEnable.self, WGPeerDisable.self, WGPeerRemove.self,
            WGRotate.self, WGConfig.self,
            IPsecAdd.self, IPsecList.self, IPsecEdit.self, IPsecStart.self, IPsecStop.self, IPsecStatus.self,
            IPsecConfig.self,
        ])
}
