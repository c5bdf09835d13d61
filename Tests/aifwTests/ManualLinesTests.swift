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

    @Test func `an association is added as the manual prints it`() throws {
        let line = "vpn ipsec-add --name office --src 203.0.113.1 --dst 198.51.100.1"
        let result = try Program.run(line, api: api)
        #expect(result.status == 0)
        #expect(api.calls.map(\.line) == ["POST /api/v1/vpn/ipsec"])
        #expect(api.calls.first?.body == #"{"name":"office","src_addr":"203.0.113.1","dst_addr":"198.51.100.1"}"#)
        #expect(
            result.output == """
                id             8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13
                name           office-to-dc
                protocol       esp
                mode           tunnel
                from           203.0.113.1
                to             198.51.100.1
                from networks  203.0.113.1/32
                to networks    198.51.100.1/32
                encryption     aes-256-gcm
                SPI in         0x0000c0de
                SPI out        0xdeadbeef
                replay window  0
                state          up

                """)
        #expect(
            result.errors == """
                aifw: warning: It is far away.
                Fetch the far end's configuration: aifw vpn ipsec-config office-to-dc -o far-end.sh

                """)
    }

    @Test func `the list has a row for each tunnel and association`() throws {
        let result = try Program.run("vpn list", api: api)
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(
            result.output == """
                ID                                    TYPE       STATE  LINK        ADDRESS                      NAME
                5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  wireguard  up     wg0         10.0.0.1/24                  office
                6bd0f1e2-7b55-4c33-9d2c-0b8f3f1f5a11  wireguard  down   wg1         10.1.0.1/24, fd00::1/64      wg0
                8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13  ipsec      up     esp tunnel  203.0.113.1 <> 198.51.100.1  office-to-dc

                """)
    }

    @Test func `the uuid says whether a tunnel, a peer or an association is removed`() throws {
        let tunnel = try Program.run("vpn remove \(Fixtures.tunnelID)", api: api)
        #expect(tunnel.output == "Tunnel deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/wg/\(Fixtures.tunnelID)")
        let peer = try Program.run("vpn remove \(Fixtures.peerID.uppercased())", api: api)
        #expect(peer.output == "Peer deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/wg/\(Fixtures.tunnelID)/peers/\(Fixtures.peerID)")
        let association = try Program.run("vpn remove \(Fixtures.associationID)", api: api)
        #expect(association.output == "Association deleted\n")
        #expect(api.calls.last?.line == "DELETE /api/v1/vpn/ipsec/\(Fixtures.associationID)")
    }

    @Test func `a name that objects of several kinds have removes none of them`() throws {
        let api = FakeAPI { call in
            guard call.target.hasPrefix("/api/v1/vpn/ipsec?q=office") else { return Fixtures.daemon(call) }
            return .json(#"{"data":[{"id":"\#(Fixtures.associationID)","name":"office"},{"id":"9","name":"office2"}]}"#)
        }
        let result = try Program.run("vpn remove office", api: api)
        #expect(result.status == 1)
        #expect(
            result.errors == """
                aifw: "office" may be any of these; give the id instead of the tunnel, peer or association's name:
                  tunnel  5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10  office  wg0
                  association  8ed0f1e2-7b55-4c33-9d2c-0b8f3f1f5a13  office

                """)
        #expect(!api.calls.contains { $0.method == "DELETE" })
    }

    @Test func `removing what is not there deletes nothing`() throws {
        let result = try Program.run("vpn remove 00000000-0000-4000-8000-000000000000", api: api)
        #expect(result.status == 1)
        let words = "aifw: there is no tunnel, peer or association \"00000000-0000-4000-8000-000000000000\"."
        #expect(result.errors.hasPrefix(words))
        #expect(!api.calls.contains { $0.method == "DELETE" })
    }
}
