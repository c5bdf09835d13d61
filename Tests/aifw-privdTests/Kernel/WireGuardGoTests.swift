import CLinux
import Foundation
import KernelMessages
import Testing
import Wire

@testable import aifw_launcher
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

        @Test func `a wireguard-go that does not end is killed when its tunnel is removed`() throws {
            var host = try TunnelHost(.userspace)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            host.launcher.freeze(host.interface)
            let route = try Netlink(bus: NETLINK_ROUTE)
            let impatient = WireGuardUserspace(links: Links(route), launcher: host.launcher, patience: 100)
            var kernel = Kernel(route: route, wireguard: impatient)
            _ = try kernel.removeTunnel(RemoveTunnel(tunnel: host.tunnel, interface: host.interface))
            #expect(!host.launcher.isRunning(host.interface))
            try FreePort.check(try Port(51900))
            #expect(try host.read().link == nil)
        }

        @Test(.enabled(if: geteuid() != 0, "root's processes are not told apart"))
        func `a start that was cut off before the link was marked is ours, and made anew`() throws {
            var host = try TunnelHost(.userspace)
            try host.launcher.start(host.interface)
            #expect(try host.kernel.inventory(Inventory(), .standard).foreign.isEmpty)
            #expect(try host.read().link == nil)
            let left = try #require(try host.kernel.links.find(host.interface.description))
            let answer = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(answer.index != UInt64(left.index))
            try host.remove()
            #expect(!host.launcher.isRunning(host.interface))
        }

        @Test(.enabled(if: geteuid() == 0, "only root's processes are not told apart"))
        func `a wireguard-go that root started by hand is not ours`() throws {
            var host = try TunnelHost(.userspace)
            try host.launcher.start(host.interface)
            #expect(try host.kernel.inventory(Inventory(), .standard).foreign == [host.interface])
            let (wanted, key) = (try host.request(), try host.secret(1))
            let refused = host.refusal { kernel throws(Refusal) in _ = try kernel.applyTunnel(wanted, privateKey: key) }
            #expect(refused?.code == .notOurs)
            try run("ip", "link", "delete", host.interface.description)
        }

        @Test func `in the launcher's environment it prints no banner, and its log on standard output`() throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: RealWireGuardGo.path)
            // No TUN interface can be made under a name that is taken.
            process.arguments = ["-f", "lo"]
            let variable = Starter.environment.split(separator: "=").map(String.init)
            process.environment = [variable[0]: variable[1]]
            let (output, errors) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let log = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            let noise = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 1)
            #expect(log.hasPrefix("ERROR: (lo)"))
            #expect(noise.isEmpty)
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
