import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct PeerBatchTests {
    private static func body(_ peers: String...) -> String { "{\"peers\":[\(peers.joined(separator: ","))]}" }

    private static func many(_ count: Int, _ members: String = "") -> String {
        "{\"peers\":[\((0..<count).map { #"{"name":"peer \#($0)"\#(members)}"# }.joined(separator: ","))]}"
    }

    @Test func `all are made in the order of the request, each with an address that none of them is given`()
        async throws
    {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            _ = try await server.ask("POST", "\(path)/peers", #"{"name":"first","allowed_ips":"10.0.0.3"}"#)
            let answer = try await server.ask(
                "POST", "\(path)/peers/bulk",
                Self.body(
                    #"{"name":"a"}"#, #"{"name":"b","allowed_ips":"auto"}"#,
                    #"{"name":"c","allowed_ips":["10.0.0.2/32","10.0.0.4/31"]}"#, #"{"name":"d"}"#))
            #expect(answer.status == 201, "\(answer.body)")
            let peers = try #require(try answer.json["data"]?.elements)
            #expect(peers.compactMap { $0["name"]?.text } == ["a", "b", "c", "d"])
            #expect(
                peers.map { $0["allowed_ips"]?.elements?.compactMap(\.text) } == [
                    ["10.0.0.6/32"], ["10.0.0.7/32"], ["10.0.0.2/32", "10.0.0.4/31"], ["10.0.0.8/32"],
                ])
            #expect(answer.headers["location"] == "\(TunnelServer.path)\(path)/peers")
            #expect(answer.headers["cache-control"] == nil && !answer.body.contains("PrivateKey"))
            #expect(try await server.names(in: id) == ["first", "a", "b", "c", "d"])
            let tunnel = try await server.ask("GET", path)
            #expect(try tunnel.json["data"]?["peer_count"] == 5)
            // The next one by itself finds its address as ever.
            let next = try await server.ask("POST", "\(path)/peers", #"{"name":"e"}"#)
            #expect(try next.json["data"]?["allowed_ips"] == ["10.0.0.9/32"])
        }
    }

    @Test func `each gets an address of each family of the tunnel, or of the one that is asked for`() async throws {
        try await TunnelServer.with { server in
            let (_, path) = try await server.tunnel(address: "10.0.0.1/24, fd00::1/64")
            let both = try await server.ask("POST", "\(path)/peers/bulk", Self.body(#"{"name":"a"}"#, #"{"name":"b"}"#))
            #expect(
                try both.json["data"]?.elements?.map { $0["allowed_ips"] } == [
                    ["10.0.0.2/32", "fd00::2/128"], ["10.0.0.3/32", "fd00::3/128"],
                ])
            let one = try await server.ask("POST", "\(path)/peers/bulk?family=6", Self.body(#"{"name":"c"}"#))
            #expect(try one.json["data"]?.elements?.map { $0["allowed_ips"] } == [["fd00::4/128"]])
        }
    }

    @Test func `every fault is named by its place, clashes among the request itself too, and nothing is made`()
        async throws
    {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            _ = try await server.ask("POST", "\(path)/peers", #"{"name":"laptop","allowed_ips":"10.0.0.9"}"#)
            let key = PublicKey.random()
            let answer = try await server.ask(
                "POST", "\(path)/peers/bulk",
                Self.body(
                    #"{"name":"laptop"}"#, #"{"name":"a","public_key":"\#(key)","allowed_ips":"10.0.0.32/28"}"#,
                    #"{"name":"b","public_key":"\#(key)"}"#, #"{"name":"a","allowed_ips":"10.0.0.40"}"#,
                    #"{"name":"c","allowed_ips":"10.0.0.8/29"}"#, #"{"name":"d","allowed_ips":"10.0.0.32/27"}"#))
            #expect(answer.status == 409)
            #expect(try answer.problem == "conflict")
            let faults = try answer.faults
            #expect(
                faults.keys.sorted() == [
                    "peers[0].name", "peers[2].public_key", "peers[3].allowed_ips", "peers[3].name",
                    "peers[4].allowed_ips", "peers[5].allowed_ips",
                ])
            #expect(faults["peers[0].name"]?.contains("\"laptop\"") == true)
            #expect(faults["peers[2].public_key"] == "is in use by peers[1] of this request")
            #expect(
                faults["peers[3].allowed_ips"] == "10.0.0.40/32 overlaps 10.0.0.32/28 of peers[1] of this request")
            #expect(
                faults["peers[5].allowed_ips"] == "10.0.0.32/27 overlaps 10.0.0.32/28 of peers[1] of this request")
            let mixed = try await server.ask(
                "POST", "\(path)/peers/bulk",
                Self.body(#"{"name":"laptop"}"#, #"{"nmae":"x"}"#, #"{"name":"y","allowed_ips":"10.0.0.0"}"#))
            #expect(mixed.status == 422)
            #expect(
                try mixed.faults.keys.sorted() == [
                    "peers[0].name", "peers[1].name", "peers[1].nmae", "peers[2].allowed_ips[0]",
                ])
            let same = try await server.ask(
                "POST", "\(path)/peers/bulk", Self.body(#"{"name":"x"}"#, #"{"name":"x"}"#))
            #expect(same.status == 409)
            #expect(try same.problem == "name-in-use")
            #expect(try await server.names(in: id) == ["laptop"])
            #expect(server.helper.kinds.filter { $0 == .seal }.count == 2, "the tunnel's and the first peer's alone")
        }
    }

    @Test(arguments: [
        ("{}", "peers"), (#"{"peers":[]}"#, "peers"), (#"{"peers":{}}"#, "peers"), (#"{"peers":[1]}"#, "peers[0]"),
        (#"{"peers":[{"name":"a"}],"x":1}"#, "x"),
    ])
    func `a request that is none is a 422 that says where`(body: String, field: String) async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let answer = try await server.ask("POST", "\(path)/peers/bulk", body)
            #expect(answer.status == 422)
            #expect(try answer.faults.keys.contains(field))
            #expect(try await server.names(in: id) == [])
        }
    }

    @Test func `a full network is a 409 that names the first that gets nothing`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel(address: "10.0.0.1/29")
            let answer = try await server.ask("POST", "\(path)/peers/bulk", Self.many(7))
            #expect(answer.status == 409)
            #expect(try answer.problem == "pool-exhausted")
            #expect(try answer.faults.keys.sorted() == ["peers[5].allowed_ips"])
            #expect(try await server.names(in: id) == [])
            #expect(try await server.ask("POST", "\(path)/peers/bulk", Self.many(5)).status == 201)
        }
    }

    @Test func `a running tunnel gets them by requests of at most 256, and a refusal half-way undoes what was applied`()
        async throws
    {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel(address: "10.0.0.1/16", isEnabled: true)
            server.helper.give(try await server.fixture.store.read { try $0.tunnel(id) })
            server.helper.state.withLock { $0.applyPeersLeft = 2 }
            server.helper.forgetRequests()
            let refused = try await server.ask("POST", "\(path)/peers/bulk", Self.many(600))
            #expect(refused.status == 502)
            #expect(server.helper.kinds.filter { $0 == .applyPeers }.count > 3, "two, the refused, and the way back")
            #expect(server.helper.state.withLock { $0.tunnels[id]?.peers.count } == 0)
            #expect(try await server.names(in: id) == [])
            server.helper.forgetRequests()
            // Into a file: curl(1) is read from when it has ended, and a pipe holds less than this answer.
            let answer = try await server.server.local(
                "\(TunnelServer.path)\(path)/peers/bulk", "-X", "POST", "-H", "Content-Type: application/json",
                "--no-include", "-o", "\(server.server.folder)/all.json", "-D", "-", "-d", Self.many(600))
            #expect(answer.status == 201)
            let sizes = server.helper.state.withLock { state in
                state.asked.compactMap { if case .applyPeers(let verb) = $0 { verb.set.count } else { nil } }
            }
            #expect(sizes == [256, 256, 88])
            #expect(server.helper.state.withLock { $0.tunnels[id]?.peers.count } == 600)
        }
    }

    @Test func `what came in between is looked at again within the transaction`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let gate = Gate()
            // Another's change that ends after the request has looked, and before its turn to write.
            let other = Task {
                try await server.fixture.store.write { transaction in
                    gate.wait()
                    let tunnel = try transaction.tunnel(id)
                    let free = try #require(try transaction.takeNextFreeAddress(in: tunnel))
                    _ = try transaction.insert(
                        .sample("peer 1", of: id, allowedIPs: try AllowedIPs("\(free)")), by: .tester)
                }
            }
            await gate.hasWaiter()
            async let bulk = server.ask("POST", "\(path)/peers/bulk", Self.many(3))
            while server.fixture.store.backlog == 0 { try await Task.sleep(for: .milliseconds(1)) }
            gate.open()
            try await other.value
            let answer = try await bulk
            #expect(try answer.problem == "name-in-use")
            #expect(try answer.faults.keys.sorted() == ["peers[1].name"])
            #expect(try await server.names(in: id) == ["peer 1"])
        }
    }

    @Test func `configurations come as a zip, and their keys are opened before anything is made`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            server.helper.state.withLock { $0.revealsLeft = 300 }
            let late = try await server.ask(
                "POST", "\(path)/peers/bulk", Self.many(200, #","preshared_key":"auto""#), "Accept: application/zip")
            #expect(late.status == 429)
            #expect(late.headers["retry-after"] == "9", "when there is enough for all again, at 50 a second")
            #expect(try await server.names(in: id) == [])
            server.helper.state.withLock { $0.revealsLeft = nil }
            let answer = try await server.server.local(
                "\(TunnelServer.path)\(path)/peers/bulk", "-X", "POST", "-H", "Content-Type: application/json", "-H",
                "Accept: application/zip", "--no-include", "-o", "\(server.server.folder)/all.zip", "-D", "-", "-d",
                Self.many(3))
            #expect(answer.status == 201)
            #expect(answer.headers["content-type"] == "application/zip")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["content-disposition"]?.contains("office.zip") == true)
            let listing = try await Curl.run(
                "/usr/bin/python3",
                [
                    "-c",
                    """
                    import sys, zipfile
                    archive = zipfile.ZipFile(sys.argv[1])
                    assert archive.testzip() is None
                    for info in archive.infolist():
                        text = archive.read(info).decode()
                        assert info.external_attr >> 16 == 0o100600 and info.flag_bits & 0x800, info
                        assert text.startswith("[Interface]") and "PrivateKey" in text and "vpn.example.org" in text
                        print(info.filename, text.split("Address = ")[1].split("\\n")[0])
                    """, "\(server.server.folder)/all.zip",
                ])
            #expect(listing == "peer-0.conf 10.0.0.2/32\npeer-1.conf 10.0.0.3/32\npeer-2.conf 10.0.0.4/32\n")
            #expect(try await server.names(in: id) == ["peer 0", "peer 1", "peer 2"])
            #expect(try await server.log().filter { $0 == .reveal }.count == 3)
        }
    }

    @Test func `who may not see keys makes peers, but is handed none`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let made = try await server.server.local(
                "/api/v1/tokens", "-H", "Content-Type: application/json", "-d",
                #"{"name":"ci","scopes":["vpn:write"]}"#)
            let token = try #require(try made.json["data"]?["token"]?.text)
            func ask(_ body: String, _ accept: String) async throws -> Int {
                try await server.server.remote(
                    "\(TunnelServer.path)\(path)/peers/bulk", "-H", "Authorization: Bearer \(token)", "-H",
                    "Content-Type: application/json", "-H", "Accept: \(accept)", "-d", body
                ).status
            }
            #expect(try await ask(Self.many(1), "application/zip") == 403)
            #expect(try await ask(Self.body(#"{"name":"a","keep_private_key":false}"#), "application/json") == 403)
            #expect(try await ask(Self.many(1), "image/png") == 406)
            #expect(try await server.names(in: id) == [])
            #expect(try await ask(Self.many(1), "*/*") == 201)
        }
    }

    @Test func `a peer with a key of its own has nothing to put into a zip`() async throws {
        try await TunnelServer.with { server in
            let (_, path) = try await server.tunnel()
            let answer = try await server.ask(
                "POST", "\(path)/peers/bulk", Self.body(#"{"name":"a","public_key":"\#(PublicKey.random())"}"#),
                "Accept: application/zip")
            #expect(answer.status == 422)
            #expect(try answer.faults.keys.sorted() == ["peers[0].public_key"])
        }
    }

    @Test func `of peers that may overlap the later has the prefix`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel(isEnabled: true)
            let answer = try await server.ask(
                "POST", "\(path)/peers/bulk",
                Self.body(
                    #"{"name":"a","allowed_ips":"10.0.0.9"}"#,
                    #"{"name":"b","allowed_ips":"10.0.0.9","allow_overlap":true}"#))
            #expect(answer.status == 201)
            let later = try #require(try answer.json["data"]?.elements?.last?["public_key"]?.text)
            let owners = server.helper.state.withLock { state in
                state.tunnels[id]?.peers.filter { !$0.allowedIPs.isEmpty }.map(\.publicKey.description)
            }
            #expect(owners == [later])
        }
    }
}
