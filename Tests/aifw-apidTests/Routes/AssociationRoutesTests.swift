import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct AssociationRoutesTests {
    // MARK: Made and removed

    @Test func `The manual's line makes an association that is installed when it is answered`() async throws {
        try await AssociationServer.with { api in
            let answer = try await api.ask("POST", "", AssociationServer.manual)
            #expect(answer.status == 201)
            let data = try #require(try answer.json["data"])
            let id = try #require(data["id"]?.text)
            #expect(answer.headers["location"] == "/api/v1/vpn/ipsec/\(id)")
            #expect(answer.headers["etag"] == "\"r1\"")
            let stored = try await api.record(id)
            let time = stored.stamp.createdAt.json
            #expect(
                data == [
                    "id": .text(id), "name": "office-to-dc", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1",
                    "protocol": "esp", "mode": "tunnel", "enc_algo": "aes-256-gcm", "auth_algo": "hmac-sha256",
                    "src_networks": ["203.0.113.1/32"], "dst_networks": ["198.51.100.1/32"],
                    "spi": stored.spiIn.json, "spi_in": stored.spiIn.json, "spi_out": stored.spiOut.json,
                    "replay_window": 0, "enabled": true, "status": "up", "status_detail": nil, "installed": true,
                    "created_at": time, "updated_at": time,
                ])
            let (states, policies, rules) = api.helper.state.withLock { ($0.associations, $0.policies, $0.rules) }
            #expect(states.map(\.spi) == [stored.spiIn, stored.spiOut])
            #expect(Set(policies.map(\.key.direction)) == [.in, .forward, .out])
            #expect(rules.count == 3)
            #expect(api.sealed.map(\.purpose) == [.ipsecEncryptionKeyIn, .ipsecEncryptionKeyOut])
            #expect(api.sealed.allSatisfy { $0.secretClass == .client && "\($0.object)" == id })
            #expect(try await api.ask("GET", "/\(id)").json["data"] == data)
            #expect(try await api.ask("GET").json == ["data": [data], "total": 1])
        }
    }

    @Test func `Made disabled it is stored only, and start, stop and delete do the rest`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""enabled":false"#)
            #expect(api.changes == [.seal])
            #expect(try await api.ask("GET", "/\(id)").json["data"]?["status"] == "down")
            api.helper.forgetRequests()
            let started = try await api.ask("POST", "/\(id)/start")
            #expect(started.status == 200 && started.body == #"{"message":"Association started"}"#)
            #expect(api.changes == [.applyAssociations, .applyRules], "nothing is let through before it is there")
            #expect(try await api.ask("GET", "/\(id)").json["data"]?["status"] == "up")
            api.helper.forgetRequests()
            let stopped = try await api.ask("POST", "/\(id)/stop")
            #expect(stopped.status == 200 && stopped.body == #"{"message":"Association stopped"}"#)
            #expect(api.changes == [.applyRules, .applyAssociations], "nothing is let through any more when it goes")
            #expect(api.helper.state.withLock { $0.associations.isEmpty && $0.policies.isEmpty && $0.rules.isEmpty })
            _ = try await api.ask("POST", "/\(id)/start")
            let deleted = try await api.ask("DELETE", "/\(id)")
            #expect(deleted.status == 200 && deleted.body == #"{"message":"Association deleted"}"#)
            #expect(api.helper.state.withLock { $0.associations.isEmpty && $0.policies.isEmpty && $0.rules.isEmpty })
            #expect(try await api.ask("GET", "/\(id)").problem == "not-found")
            let log = try await api.fixture.store.read { try $0.log(limit: 10) }
            #expect(log.map(\.action) == [.delete, .start, .stop, .start, .create])
        }
    }

    @Test func `Who starts what is started has missing parts put back, and no more`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let stored = try await api.record(id)
            api.helper.forgetRequests()
            _ = try await api.ask("POST", "/\(id)/start")
            #expect(!api.helper.kinds.contains(.applyAssociations))
            api.helper.state.withLock { $0.associations.removeAll { $0.spi == stored.spiOut } }
            let broken = try await api.ask("GET", "/\(id)").json["data"]
            #expect(broken?["status"] == "error" && broken?["installed"] == false)
            #expect(broken?["status_detail"]?.text?.contains("missing") == true)
            #expect(try await api.ask("POST", "/\(id)/start").status == 200)
            #expect(api.helper.state.withLock { $0.associations.map(\.spi) } == [stored.spiIn, stored.spiOut])
            #expect(try await api.record(id) == stored, "no revision for what was so already")
        }
    }

    // MARK: What is wrong

    @Test(
        arguments: [
            (#""dst_addr":"2001:db8::1""#, ["dst_addr": "must be an IPv4 address, as src_addr (203.0.113.1) is"]),
            (#""dst_addr":"203.0.113.1""#, ["dst_addr": "must differ from src_addr"]),
            (#""dst_addr":"224.0.0.5""#, ["dst_addr": "must be an address that one host can have, not 224.0.0.5"]),
            (#""src_addr":"0.0.0.0""#, ["src_addr": "one host can have"]),
            (#""src_addr":"127.0.0.1""#, ["src_addr": "loopback"]),
            (#""dst_addr":"169.254.1.1""#, ["dst_addr": "link-local"]),
            (#""dst_addr":"fe80::1","src_addr":"fe80::2""#, ["dst_addr": "link-local", "src_addr": "link-local"]),
            (#""src_addr":"office""#, ["src_addr": "must be an IPv4 or IPv6 address"]),
            (#""local_addr":"203.0.113.2""#, ["local_addr": "differs from \"src_addr\""]),
            (
                #""src_networks":"10.0.0.5/24","dst_networks":["10.1.0.0/33"]"#,
                ["src_networks": "10.0.0.0/24 or 10.0.0.5/32 was probably meant", "dst_networks": "from 0 to 32"]
            ),
            (
                #""src_networks":"10.0.0.0/7","dst_networks":"0.0.0.0/1""#,
                ["src_networks": "wider than /8", "dst_networks": "wider than /8"]
            ),
            (
                #""src_networks":"10.0.0.0/24,fd00::/64","dst_networks":"10.1.0.0/24""#,
                ["src_networks": "has fd00::/64, but dst_networks has no IPv6 network"]
            ),
            (#""dst_networks":"fd00::/64""#, ["dst_networks": "but src_networks has no IPv6 network"]),
            (
                #""src_networks":"10.0.0.0/24","dst_networks":"10.0.0.0/24""#,
                ["dst_networks": "can't be at both ends"]
            ),
            (
                #""mode":"transport","src_networks":"10.0.0.0/24","dst_networks":[]"#,
                ["src_networks": "must be left out in transport mode", "dst_networks": "at least one network"]
            ),
            (
                #""protocol":"esp+ah","src_networks":"fd00::/64","dst_networks":"fd01::/64""#,
                [
                    "src_networks":
                        "must have IPv4 networks only, as the two ends are: esp+ah carries no other (fd00::/64)",
                    "dst_networks": "must have IPv4 networks only",
                ]
            ),
            (
                #""protocol":"gre","mode":"beet","enc_algo":"3des","auth_algo":"hmac-md5""#,
                [
                    "protocol": "must be one of \"esp\", \"ah\", \"esp+ah\", not \"gre\"",
                    "mode": "must be one of \"tunnel\", \"transport\", not \"beet\"",
                    "enc_algo": "\"aes-256-gcm\", \"aes-128-gcm\", \"chacha20-poly1305\", \"aes-256-cbc\"",
                    "auth_algo": "\"hmac-sha256\", \"hmac-sha384\", \"hmac-sha512\"",
                ]
            ),
            (#""mode":"","protocol":"ESP""#, ["mode": "not \"\"", "protocol": "not \"ESP\""]),
            (
                #""enc_key_in":"00112233445566778899aabbccddeeff00112233""#,
                [
                    "enc_key_in":
                        "must have 36 bytes (72 hexadecimal digits) for aes-256-gcm, the last 4 its salt, not 20"
                ]
            ),
            (
                #""enc_algo":"aes-256-cbc","enc_key_out":"0011","auth_key_in":"0x11""#,
                [
                    "enc_key_out": "must have 32 bytes (64 hexadecimal digits) for aes-256-cbc, not 2",
                    "auth_key_in": "must have 32 bytes (64 hexadecimal digits) for hmac-sha256, not 1",
                ]
            ),
            (
                #""auth_key_in":"1111","enc_key_out":"x""#,
                [
                    "auth_key_in": "aes-256-gcm authenticates by itself, and protocol esp has no AH",
                    "enc_key_out": "must be a key in hexadecimal",
                ]
            ),
            (#""protocol":"ah","enc_key_in":"1111""#, ["enc_key_in": "protocol ah does not encrypt"]),
            (#""enc_key_in":"0000""#, ["enc_key_in": "must not be the key of all zeros"]),
            (#""enc_key_in":17"#, ["enc_key_in": "must be a string, not a whole number"]),
            (
                #""spi_in":255,"spi_out":"0xg""#,
                ["spi_in": "0 to 255 are reserved", "spi_out": "must be a whole number"]
            ),
            (#""replay_window":33"#, ["replay_window": "from 0 to 32"]),
            (#""enabled":null,"lifetime":7"#, ["enabled": "must not be null", "lifetime": "is not known here"]),
        ] as [(String, [String: String])])
    func `Bad input is told in full, and nothing is stored`(members: String, faults: [String: String]) async throws {
        try await AssociationServer.with { api in
            let answer = try await api.ask("POST", "", try AssociationServer.body(members))
            #expect(answer.status == 422)
            #expect(try answer.problem == "invalid")
            let told = try answer.faults
            #expect(Set(told.keys) == Set(faults.keys), "\(answer.body)")
            for (field, words) in faults { #expect(told[field]?.contains(words) == true, "\(field): \(told)") }
            #expect(api.changes.isEmpty)
            #expect(try await api.ask("GET").json["total"] == 0)
            #expect(!answer.body.contains("112233"))
        }
    }

    @Test func `What is needed is named`() async throws {
        try await AssociationServer.with { api in
            let answer = try await api.ask("POST", "", #"{"mode":"transport","src_networks":"10.0.0.0/8"}"#)
            #expect(try Set(answer.faults.keys) == ["name", "src_addr", "dst_addr", "src_networks"])
            let id = try await api.make()
            let put = try await api.ask("PUT", "/\(id)", #"{"name":null,"remote_addr":"198.51.100.7"}"#)
            #expect(try put.faults == ["name": "must not be null", "src_addr": "is needed"])
        }
    }

    @Test func `A network that the host has itself can't be at the far end, but the far gateway may lie in one`()
        async throws
    {
        try await AssociationServer.with { api in
            api.helper.state.withLock { $0.addresses = [try! InterfaceAddress("198.51.100.9/24")] }
            let taken = try await api.ask("POST", "", AssociationServer.body(#""dst_networks":"198.51.100.128/25""#))
            #expect(try taken.faults["dst_networks"]?.contains("must not overlap 198.51.100.0/24") == true)
            let own = try await api.ask("POST", "", AssociationServer.body(#""dst_addr":"198.51.100.9""#))
            #expect(try own.faults == ["dst_addr": "must not be an address of this host: 198.51.100.9"])
            _ = try await api.make(#""src_networks":"198.51.100.0/24""#)
        }
    }

    // MARK: What is taken

    @Test func `An SPI that another association or somebody else has is a clash, each named`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""spi_in":"0x1000","spi_out":8192,"enabled":false"#)
            let taken = try await api.ask(
                "POST", "",
                AssociationServer.body(#""name":"other","src_networks":"10.0.0.0/8","spi_in":4096,"spi_out":8192"#))
            #expect(taken.status == 409)
            #expect(try taken.problem == "spi-in-use")
            let words = "is in use by association \"office-to-dc\" (\(id))"
            #expect(try taken.faults == ["spi_in": words, "spi_out": words])
            let foreign = SecurityAssociationState.foreign(spi: 0x3000, to: "203.0.113.1")
            api.helper.state.withLock { $0.associations.append(foreign) }
            let members = #""name":"other","src_networks":"10.0.0.0/8","spi_in":"0x3000","enabled":"#
            for enabled in ["true", "false"] {
                let taken = try await api.ask("POST", "", AssociationServer.body(members + enabled))
                #expect(try taken.problem == "spi-in-use")
                #expect(try taken.faults == ["spi_in": "is in use on this host, by somebody else"])
            }
            // Another protocol's, and another destination's, is free.
            _ = try await api.make(#""name":"ah","src_networks":"10.0.0.0/8","spi_in":"0x3000","protocol":"ah""#)
            _ = try await api.make(#""name":"out","src_networks":"11.0.0.0/8","spi_out":"0x3000""#)
            let change = try await api.ask("PATCH", "/\(id)", #"{"spi_in":12288}"#)
            #expect(try change.problem == "spi-in-use")
        }
    }

    @Test func `An SPI that is drawn is drawn again while it is taken, but not for ever`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""spi_in":4096,"spi_out":4096"#)
            api.helper.state.withLock { $0.associations.append(.foreign(spi: 0x2000, to: "203.0.113.1")) }
            let place = SPIChoice.Place(
                local: try IPAddress("203.0.113.1"), remote: try IPAddress("198.51.100.1"), protocols: [.esp], own: nil)
            let draws = Draws([0x1000, 0x5000, 0x2000, 0x5001, 0x6000, 0x1000, 0x7000, 0x7001, 0x8000])
            let pair = try await SPIChoice(plane: api.plane, draw: draws.next).choose(in: nil, out: nil, for: place)
            #expect(pair.in.rawValue == 0x7000 && pair.out.rawValue == 0x7001)
            let stuck = Draws([0x1000])
            let problem = await #expect(throws: Problem.self) {
                try await SPIChoice(plane: api.plane, draw: stuck.next).choose(in: nil, out: nil, for: place)
            }
            #expect(problem?.code == .spiInUse && stuck.count == 2 * SPIChoice.attempts)
            // Its own is no clash of the association itself.
            let own = SPIChoice.Place(
                local: place.local, remote: place.remote, protocols: [.esp, .ah], own: try await api.record(id))
            let kept = try await SPIChoice(plane: api.plane).choose(
                in: try SPI(0x1000), out: try SPI(0x1000), for: own)
            #expect(kept.in.rawValue == 0x1000)
        }
    }

    @Test func `Names and networks that another one has are clashes`() async throws {
        try await AssociationServer.with { api in
            _ = try await api.make()
            let taken = try await api.ask("POST", "", AssociationServer.manual)
            #expect(taken.status == 409)
            #expect(try Set(taken.faults.keys) == ["name", "dst_addr"])
            let host = try await api.ask("POST", "", AssociationServer.body(#""name":"b","mode":"transport""#))
            #expect(try host.problem == "address-in-use")
            _ = try await api.make(#""name":"c","src_networks":"10.0.0.0/8","dst_networks":"11.0.0.0/8""#)
            let networks = try await api.ask(
                "POST", "",
                AssociationServer.body(
                    #""name":"d","dst_addr":"198.51.100.2","src_networks":"10.0.0.0/8","dst_networks":"11.0.0.0/8""#))
            #expect(try networks.problem == "overlap")
            #expect(try networks.faults["dst_networks"]?.contains("association \"c\"") == true)
        }
    }

    // MARK: What the helper refuses

    @Test(
        arguments: [
            (.kernel, "add[0].encryption", 502, "kernel-refused", "enc_algo"),
            (.notOurs, "add[0].spi", 409, "spi-in-use", "spi_in"),
            (.notOurs, "add[1].spi", 409, "spi-in-use", "spi_out"),
            (.notOurs, "add_policies[0]", 409, "overlap", "dst_networks"),
            (.policy, "add_policies[0].source", 422, "invalid", "dst_networks"),
            (.policy, "add[1].source", 422, "invalid", "src_addr"),
            (.limit, "add_policies", 422, "invalid", ""),
        ] as [(Refusal.Code, String, Int, String, String)])
    func `What the helper refuses is told in the API's words, and leaves nothing`(
        code: Refusal.Code, field: String, status: Int, problem: String, told: String
    ) async throws {
        try await AssociationServer.with { api in
            api.helper.state.withLock {
                $0.refusals[.applyAssociations] = Refusal(code, "no such algorithm", field: field, errno: 2)
            }
            let answer = try await api.ask(
                "POST", "", AssociationServer.body(#""src_networks":"10.0.0.0/8","dst_networks":"11.0.0.0/8""#))
            #expect(answer.status == status)
            #expect(try answer.problem == problem)
            #expect(try Array(answer.faults.keys) == [told])
            #expect(answer.body.contains("no such algorithm"))
            #expect(try await api.ask("GET").json["total"] == 0)
            #expect(api.helper.state.withLock { $0.rules.isEmpty && $0.associations.isEmpty })
        }
    }

    @Test func `A packet filter that refuses undoes all of it`() async throws {
        try await AssociationServer.with { api in
            api.helper.state.withLock { $0.refusals[.applyRules] = Refusal(.filter, "no such set", errno: 2) }
            let answer = try await api.ask("POST", "", AssociationServer.manual)
            #expect(answer.status == 502)
            #expect(try await api.ask("GET").json["total"] == 0)
            #expect(api.helper.state.withLock { $0.associations.isEmpty && $0.policies.isEmpty })
        }
    }

    @Test func `Without the helper nothing is made, and nothing is claimed`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            api.helper.stop()
            #expect(try await api.ask("POST", "", AssociationServer.body(#""name":"b","enabled":false"#)).status == 503)
            #expect(try await api.ask("GET", "/\(id)").status == 503)
            #expect(try await api.ask("GET", "/\(id)/status").status == 503)
            #expect(try await api.ask("POST", "/\(id)/stop").status == 503)
            let renamed = try await api.ask("PATCH", "/\(id)", #"{"name":"renamed"}"#)
            #expect(renamed.status == 200)
            let data = try renamed.json["data"]
            #expect(data?["installed"] == .null && data?["status"] == "error")
        }
    }
}

/// Numbers in the place of lots; the last one stays.
private final class Draws: Sendable {
    private let numbers: [UInt32]
    private let drawn = Mutex(0)

    init(_ numbers: [UInt32]) { self.numbers = numbers }

    var count: Int { drawn.withLock { $0 } }

    var next: @Sendable () -> SPI {
        { [self] in
            drawn.withLock { drawn in
                defer { drawn += 1 }
                return SPI(validated: numbers[min(drawn, numbers.count - 1)])
            }
        }
    }
}

extension SecurityAssociationState {
    /// One that somebody else has made.
    static func foreign(spi: UInt32, to destination: String) -> SecurityAssociationState {
        SecurityAssociationState(
            number: nil, source: IPAddress(.v4, bits: 7), destination: try! IPAddress(destination),
            spi: SPI(validated: spi), securityProtocol: .esp, asMade: nil, bytes: 0, packets: 0, addedAt: 0, usedAt: 0,
            outsideWindow: 0, repeated: 0, unauthentic: 0)
    }
}
