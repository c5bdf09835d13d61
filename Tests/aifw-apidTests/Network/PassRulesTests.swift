import Testing
import Wire

@testable import aifw_apid

struct PassRulesTests {
    @Test(arguments: [nil, "eth0"])
    func `A tunnel needs its port, on its interface if it has one, and all that goes through it`(name: String?) throws {
        let interface = try name.map { try InterfaceName($0) }
        var tunnel = try TunnelRecord.sample(number: 3)
        tunnel.listenInterface = interface
        tunnel.isEnabled = true
        #expect(
            tunnel.passRules == [
                .listenPort(owner: tunnel.id, port: try Port(51823), on: interface),
                .tunnelTraffic(owner: tunnel.id, on: try TunnelInterface("wg3")),
            ])
    }

    @Test func `A tunnel that masquerades needs it for each of its networks, while it is enabled`() throws {
        var tunnel = try TunnelRecord.sample(number: 3, address: "10.0.0.1/24,fd00::1/64")
        tunnel.masquerade = true
        #expect(tunnel.passRules == [])
        tunnel.isEnabled = true
        let interface = try TunnelInterface("wg3")
        #expect(
            tunnel.passRules.suffix(2) == [
                .masquerade(owner: tunnel.id, network: try Prefix("10.0.0.0/24"), on: interface),
                .masquerade(owner: tunnel.id, network: try Prefix("fd00::/64"), on: interface),
            ])
        tunnel.masquerade = false
        #expect(tunnel.passRules.map(\.kind) == [.listenPort, .tunnelTraffic])
    }

    @Test(arguments: [
        (IPsecProtection.esp, [IPsecProtocol.esp]), (.ah, [.ah]), (.espAndAH, [.esp, .ah]),
    ])
    func `An association needs its protocols, IKE, and in tunnel mode what it carries between each two networks`(
        protection: IPsecProtection, protocols: [IPsecProtocol]
    ) throws {
        var association = try AssociationRecord.between("192.0.2.1", "198.51.100.7", protection: protection)
        association.localNetworks = try NetworkList("10.1.0.0/16,fd01::/64")
        association.remoteNetworks = try NetworkList("10.2.0.0/16,10.3.0.0/16")
        let (local, remote) = (association.local, association.remote)
        let packets = protocols.map {
            PassRule.protectedPackets(owner: association.id, $0, local: local, remote: remote)
        }
        let keyExchange = PassRule.keyExchange(owner: association.id, local: local, remote: remote)
        let inner = try ["10.2.0.0/16", "10.3.0.0/16"].map {
            PassRule.innerTraffic(
                owner: association.id, number: association.number, local: try Prefix("10.1.0.0/16"),
                remote: try Prefix($0))
        }
        #expect(association.passRules == packets + [keyExchange] + inner)
        association.mode = .transport
        association.localNetworks = nil
        association.remoteNetworks = nil
        #expect(association.passRules == packets + [keyExchange])
    }

    @Test func `What is not enabled needs none`() throws {
        #expect(try TunnelRecord.sample().passRules.isEmpty)
        var association = try AssociationRecord.between("192.0.2.1", "198.51.100.7")
        association.isEnabled = false
        #expect(association.passRules.isEmpty)
    }
}
