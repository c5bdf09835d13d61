import CLinux
import Foundation
import KernelMessages
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// What only the kernel's module shows: messages that can be counted, and what a crash leaves of a link.
    @Suite(
        .serialized,
        .enabled(if: TunnelHost.backends.contains(.kernel), "this kernel has no WireGuard; Tests/VM has one that does"))
    struct WireGuardModuleTests {
        @Test func `an edit of one peer is one small message in a tunnel of any size`() throws {
            var host = try TunnelHost(.kernel)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let (route, generic) = (try Netlink(bus: NETLINK_ROUTE), try Netlink(bus: NETLINK_GENERIC))
            let module = try #require(try WireGuardKernel(links: Links(route), generic: generic))
            var counted = Kernel(route: route, wireguard: module)
            for size in [10, 1_000] {
                try host.fill(upTo: size)
                let (looks, edits) = (route.messagesSent, generic.messagesSent)
                _ = try counted.applyPeers(try host.edit(), presharedKeys: [:])
                #expect(route.messagesSent - looks == 1)
                #expect(generic.messagesSent - edits == 1)
            }
            #expect(try host.read().peers.count == 1_000)
            try host.remove()
        }

        @Test func `a peer of more allowed IPs than a message holds has them all`() throws {
            var host = try TunnelHost(.kernel)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            let prefixes = try (0..<ApplyPeers.prefixLimit).map { try TunnelHost.address($0) }
            let change = PeerChange(publicKey: try host.peer(1), allowedIPs: prefixes, keepalive: try Keepalive(9))
            let request = ApplyPeers(tunnel: host.tunnel, interface: host.interface, set: [change])
            for _ in 0..<2 {
                _ = try host.kernel.applyPeers(request, presharedKeys: [:])
                let peers = try host.read().peers
                #expect(peers.count == 1)
                #expect(Set(peers[0].allowedIPs) == Set(prefixes))
                #expect(peers[0].keepalive.rawValue == 9)
            }
            try host.remove()
        }

        @Test func `a list that changes while it is read is read again`() throws {
            var host = try TunnelHost(.kernel)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            try host.fill(upTo: 1_000)
            let (route, generic) = (try Netlink(bus: NETLINK_ROUTE), try Netlink(bus: NETLINK_GENERIC))
            host.kernel = Kernel(
                route: route, wireguard: try #require(try WireGuardKernel(links: Links(route), generic: generic)))
            let (link, extra) = (host.interface.description, try host.peer(5_000).description)
            let meddler = Process()
            meddler.executableURL = URL(fileURLWithPath: "/bin/sh")
            meddler.arguments = [
                "-c", "while wg set \(link) peer \(extra) && wg set \(link) peer \(extra) remove; do :; done",
            ]
            try meddler.run()
            defer {
                meddler.terminate()
                meddler.waitUntilExit()
            }
            let asked = generic.messagesSent
            var readings = 0
            // Until one reading had to be made twice; each is whole whatever happened meanwhile.
            while generic.messagesSent - asked == readings, readings < 1_000 {
                let keys = try host.read().peers.map(\.publicKey)
                readings += 1
                #expect(Set(keys).count == keys.count)
                #expect([1_000, 1_001].contains(keys.count))
            }
            #expect(generic.messagesSent - asked > readings)
            meddler.terminate()
            meddler.waitUntilExit()
            try host.remove()
        }

        @Test func `a link that a crash left under its first name is replaced`() throws {
            var host = try TunnelHost(.kernel)
            try run("ip", "link", "add", "aifw-\(host.interface)", "type", "wireguard")
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(try Links(try Netlink(bus: NETLINK_ROUTE)).find("aifw-\(host.interface)") == nil)
            try host.remove()
        }

        @Test func `a tunnel that a wireguard-go ran is missing, and taken over`() throws {
            var host = try TunnelHost(.kernel)
            try run("ip", "tuntap", "add", host.interface.description, "mode", "tun")
            try run("ip", "link", "set", host.interface.description, "alias", TunnelAlias.text(host.tunnel))
            #expect(try host.read().link == nil)
            _ = try host.kernel.applyTunnel(try host.request(), privateKey: try host.secret(1))
            #expect(try host.read().link?.listenPort?.rawValue == 51900)
            try host.remove()
        }
    }
}
