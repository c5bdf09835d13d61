import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct FarEndRoutesTests {
    @Test func `A configuration is a file that nobody keeps, and its reveal is in the log`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""name":"Büro/1""#)
            let script = try await api.ask("GET", "/\(id)/config")
            #expect(script.status == 200)
            #expect(script.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(script.headers["cache-control"] == "no-store")
            #expect(
                script.headers["content-disposition"]
                    == "attachment; filename=\"B-ro-1.sh\"; filename*=UTF-8''B%C3%BCro-1.sh")
            #expect(script.body.hasPrefix("#!/bin/sh\n"))
            #expect(script.body.contains("This host is 198.51.100.1, the other one 203.0.113.1."))
            #expect(script.body.contains("0x" + String(repeating: "05", count: 36) + " 128"))
            #expect(!script.body.contains("ro/1"), "no name that a user typed is in it")
            let setkey = try await api.ask("GET", "/\(id)/config?format=setkey")
            #expect(setkey.headers["content-disposition"]?.hasPrefix("attachment; filename=\"B-ro-1.conf\"") == true)
            #expect(setkey.body.contains("\nspdadd 198.51.100.1/32 203.0.113.1/32 any -P out ipsec esp/tunnel/"))
            let log = try await api.fixture.store.read { try $0.log(limit: 2) }
            #expect(log.map(\.action) == [.reveal, .reveal] && log[0].object?.kind == .association)
        }
    }

    @Test func `The body for the far end makes its mirror there`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(
                #""protocol":"esp+ah","auth_algo":"hmac-sha512","src_networks":"10.0.0.0/8","dst_networks":"11.0.0.0/8""#
            )
            let answer = try await api.ask("GET", "/\(id)/config?format=json")
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["cache-control"] == "no-store")
            let here = try await api.record(id)
            _ = try await api.ask("DELETE", "/\(id)")
            // The stand-in reveals the same for every key, which the real one does not.
            let made = try await api.ask("POST", "", answer.body)
            #expect(made.status == 201, "\(made.body)")
            let there = try await api.record(try #require(try made.json["data"]?["id"]?.text))
            #expect(there.local == here.remote && there.remote == here.local)
            #expect(there.spiIn == here.spiOut && there.spiOut == here.spiIn)
            #expect(there.localNetworks == here.remoteNetworks && there.remoteNetworks == here.localNetworks)
            #expect(there.protection == here.protection && there.authentication == here.authentication)
        }
    }

    @Test func `A form that there is not is refused, and so is a key that does not open`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let form = try await api.ask("GET", "/\(id)/config?format=ipsec.conf")
            #expect(try form.faults == ["format": "must be one of xfrm, setkey, json"])
            api.helper.state.withLock { $0.refusals[.reveal] = Refusal(.rate, "used up", retryAfter: 3) }
            let late = try await api.ask("GET", "/\(id)/config")
            #expect(late.status == 429 && late.headers["retry-after"] == "3")
            #expect(try await api.fixture.store.read { try $0.log(limit: 1) }.first?.action == .create)
        }
    }

    // MARK: Status

    @Test func `Status tells what went each way`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""protocol":"esp+ah","spi_in":4096,"spi_out":8192"#)
            api.helper.state.withLock { state in state.associations = state.associations.map(Self.used) }
            let answer = try await api.ask("GET", "/\(id)/status")
            let incoming: JSON = [
                "spi": 4096, "bytes": 840, "packets": 10, "failures": 12, "outside_window": 2, "repeated": 4,
                "unauthentic": 6, "added_at": "2025-11-24T16:00:00Z", "used_at": nil,
            ]
            #expect(try answer.json["running"] == true)
            #expect(try answer.json["in"] == incoming)
            #expect(try answer.json["out"]?["spi"] == 8192)
            _ = try await api.ask("POST", "/\(id)/stop")
            #expect(try await api.ask("GET", "/\(id)/status").json == ["running": false])
        }
    }

    /// The same after some traffic: ESP carries 10 packets of 84 bytes, AH more bytes; each drops 1, 2 and 3.
    private static func used(_ state: SecurityAssociationState) -> SecurityAssociationState {
        SecurityAssociationState(
            number: state.number, source: state.source, destination: state.destination, spi: state.spi,
            securityProtocol: state.securityProtocol, asMade: state.asMade,
            bytes: state.securityProtocol == .esp ? 840 : 1240, packets: 10, addedAt: 1_764_000_000, usedAt: 0,
            outsideWindow: 1, repeated: 2, unauthentic: 3)
    }
}
