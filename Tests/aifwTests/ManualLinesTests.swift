import Testing

@Suite struct `The lines of the manual` {
    private let api = FakeAPI(Fixtures.daemon)

    @Test func `a tunnel is added as the manual prints it`() throws {
        let line = "vpn wg-add --name wg0 --interface wg0 --port 51820 --address 10.0.0.1/24"
        let result = try Program.run(line, api: api)
        #expect(result.status == 0)
        #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/wg"])
        #expect(
            api.calls.first?.body
                == #"{"name":"wg0","interface":"wg0","listen_port":51820,"address":"10.0.0.1/24"}"#)
        #expect(
            result.output == """
                id          5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10
                name        office
                interface   wg0
                address     10.0.0.1/24
                port        51820
                public key  xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
                MTU         1420
                state       up

                """)
        #expect(result.errors.contains("aifw vpn wg-start wg0"))
    }

    @Test func `a peer is added as the manual prints it`() throws {
        let line =
            "vpn wg-peer-add --tunnel \(Fixtures.tunnelID) --name laptop --pubkey \(Fixtures.key) --endpoint 1.2.3.4:51820"
        let result = try Program.run(line, api: api)
        #expect(result.status == 0)
        #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers"])
        #expect(
            api.calls.first?.body
                == #"{"name":"laptop","public_key":"\#(Fixtures.key)","endpoint":"1.2.3.4:51820"}"#)
        #expect(result.errors.contains("aifw: warning: It is far away."))
        let config = "aifw vpn wg-config --tunnel \(Fixtures.tunnelID) \(Fixtures.peerID) -o peer.conf"
        #expect(result.errors.contains(config))
    }

    @Test func `the list has a row for each tunnel`() throws {
        let result = try Program.run("vpn list", api: api)
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(
            result.output == """
                ID                                    TYPE       INTERFACE  STATE   PORT  PEERS  ADDRESS                  NAME
                5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  wireguard  wg0        up     51820      2  10.0.0.1/24              office
                6bd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a11  wireguard  wg1        down   51821      0  10.1.0.1/24, fd00::1/64  wg0

                """)
    }

    @Test func `the uuid says whether a tunnel or a peer is removed`() throws {
        let tunnel = try Program.run("vpn remove \(Fixtures.tunnelID)", api: api)
        #expect(tunnel.output == "Tunnel deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/wg/\(Fixtures.tunnelID)")
        let peer = try Program.run("vpn remove \(Fixtures.peerID.uppercased())", api: api)
        #expect(peer.output == "Peer deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)")
    }

    @Test func `removing what is not there deletes nothing`() throws {
        let result = try Program.run("vpn remove 00000000-0000-4000-8000-000000000000", api: api)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("aifw: there is no tunnel or peer \"00000000-0000-4000-8000-000000000000\"."))
        #expect(!api.calls.contains { $0.method == "DELETE" })
    }
}
