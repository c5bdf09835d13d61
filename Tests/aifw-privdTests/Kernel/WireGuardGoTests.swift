import CLinux
import Foundation
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// What only a wireguard-go can do: die, and be spoken to through a socket.
    @Suite(
        .serialized,
        .enabled(if: TunnelHost.backends.contains(.userspace), "wireguard-go is not installed"))
    struct WireGuardGoTests {
        @Test func `after a kill of wireguard-go the tunnel is missing, and is made anew`() throws {
            var host = try TunnelHost(.userspace)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            host.launcher.kill(host.interface)
            #expect(FileManager.default.fileExists(atPath: "/run/wireguard/\(host.interface).sock"))
            #expect(try host.read().link == nil)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(try host.read().link?.listenPort?.rawValue == 51900)
            try host.remove()
        }

        @Test func `an edit of one peer is one connection with a few lines in a tunnel of any size`() throws {
            var host = try TunnelHost(.userspace)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let proxy = try UserspaceProxy(host.interface)
            defer { proxy.stop() }
            let route = try Netlink(bus: NETLINK_ROUTE)
            var counted = Kernel(
                route: route,
                wireguard: WireGuardUserspace(links: Links(route), launcher: host.launcher, folder: proxy.folder))
            var costs: [[Int]] = []
            for size in [10, 1_000] {
                try host.fill(upTo: size)
                let (messages, bytes, connections) = (route.messagesSent, proxy.bytes, proxy.connections)
                _ = try counted.applyPeers(try host.edit(), presharedKeys: [:])
                costs.append([route.messagesSent - messages, proxy.bytes - bytes, proxy.connections - connections])
            }
            #expect(costs[0] == costs[1])
            // One message that looks for the link; a connection to see that its process lives, and one with the lines.
            #expect(costs[1][0] == 1)
            #expect(costs[1][1] < 256)
            #expect(costs[1][2] == 2)
            #expect(try host.read().peers.count == 1_000)
            try host.remove()
        }
    }
}
