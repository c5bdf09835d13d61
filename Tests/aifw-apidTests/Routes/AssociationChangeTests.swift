import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct AssociationChangeTests {
    @Test func `Another name touches nothing in the kernel`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let before = try await api.record(id)
            api.helper.forgetRequests()
            let answer = try await api.ask("PATCH", "/\(id)", #"{"name":"renamed"}"#)
            #expect(answer.status == 200)
            #expect(answer.headers["etag"] == "\"r2\"")
            #expect(try answer.json["warnings"] == nil)
            #expect(api.changes.isEmpty)
            var expected = before
            expected.name = try ObjectName("renamed")
            let after = try await api.record(id)
            #expect(after == expected.stamped(after.stamp))
        }
    }

    @Test func `What a client read can be sent back, and changes nothing`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""src_networks":"10.0.0.0/8","dst_networks":["11.0.0.0/8"]"#)
            let before = try await api.record(id)
            let read = try #require(try await api.ask("GET", "/\(id)").json["data"])
            api.helper.forgetRequests()
            let body = read.words
            let answer = try await api.ask("PUT", "/\(id)", body)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(try await api.record(id) == before)
            #expect(api.changes.isEmpty)
            let changed = try await api.ask(
                "PATCH", "/\(id)", #"{"id":"x","spi":7,"status":"broken","created_at":null}"#)
            #expect(try Set(changed.faults.keys) == ["id", "spi", "status", "created_at"])
        }
    }

    @Test func `In transport mode what a client read can be sent back too`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""mode":"transport""#)
            let read = try #require(try await api.ask("GET", "/\(id)").json["data"])
            #expect(read["src_networks"] == .null && read["dst_networks"] == .null)
            let body = read.words
            #expect(try await api.ask("PUT", "/\(id)", body).status == 200)
            #expect(api.helper.state.withLock { Set($0.policies.map(\.key.direction)) } == [.in, .out])
        }
    }

    @Test func `Other algorithms get the keys that they need, and lose those that they do not`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let first = try await api.record(id).keys
            // As long as before: the keys stay.
            let chacha = try await api.ask("PATCH", "/\(id)", #"{"enc_algo":"chacha20-poly1305"}"#)
            #expect(try chacha.json["warnings"] == ["the far end needs its configuration again: enc_algo has changed"])
            #expect(try await api.record(id).keys == first)
            // Shorter, and with an HMAC.
            let cbc = try await api.ask("PATCH", "/\(id)", #"{"enc_algo":"aes-256-cbc","auth_algo":"hmac-sha384"}"#)
            #expect(api.sealed.map(\.purpose) == AssociationKeySlot.allCases.map(\.purpose))
            #expect(api.sealed.map(\.length) == [32, 32, 48, 48])
            #expect(
                try cbc.json["warnings"] == [
                    .text(
                        "the far end needs its configuration again: enc_algo, auth_algo, enc_key_in, enc_key_out, "
                            + "auth_key_in, auth_key_out have changed")
                ])
            let second = try await api.record(id).keys
            #expect(second.encryptionIn != nil && second.encryptionIn != first.encryptionIn)
            // No encryption any more; the HMAC's keys stay.
            _ = try await api.ask("PATCH", "/\(id)", #"{"protocol":"ah"}"#)
            let third = try await api.record(id).keys
            #expect(third.encryptionIn == nil && third.encryptionOut == nil)
            #expect(third.authenticationIn == second.authenticationIn)
            #expect(api.helper.state.withLock { $0.associations.map(\.securityProtocol) } == [.ah, .ah])
            // Both: new keys for ESP only.
            _ = try await api.ask("PATCH", "/\(id)", #"{"protocol":"esp_ah","enc_algo":null}"#)
            #expect(api.sealed.map(\.length) == [36, 36])
            let last = try await api.record(id)
            #expect(last.keys.authenticationIn == second.authenticationIn && last.encryption == .aes256GCM)
            #expect(api.helper.state.withLock { $0.associations.count } == 4)
            #expect(try await api.ask("GET", "/\(id)").json["data"]?["status"] == "up")
        }
    }

    @Test func `Null draws a new SPI and makes a new key; a given key is sealed`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let before = try await api.record(id)
            let key = String(repeating: "ab", count: 36)
            let answer = try await api.ask(
                "PATCH", "/\(id)", #"{"spi_in":null,"enc_key_in":null,"enc_key_out":"\#(key)"}"#)
            #expect(answer.status == 200 && !answer.body.contains("abab"))
            let after = try await api.record(id)
            #expect(after.spiIn != before.spiIn && after.spiOut == before.spiOut)
            #expect(
                try answer.json["warnings"] == [
                    "the far end needs its configuration again: spi_in, enc_key_in, enc_key_out have changed"
                ])
            #expect(api.sealed.map(\.isGiven) == [false, true])
            #expect(api.helper.state.withLock { Set($0.associations.map(\.spi)) } == [after.spiIn, after.spiOut])
        }
    }

    @Test func `Addresses, networks and mode are changed live`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make(#""src_networks":"10.0.0.0/8","dst_networks":"11.0.0.0/8""#)
            let moved = try await api.ask(
                "PATCH", "/\(id)", #"{"dst_addr":"198.51.100.7","dst_networks":"12.0.0.0/8"}"#)
            #expect(
                try moved.json["warnings"] == [
                    "the far end needs its configuration again: dst_addr, dst_networks have changed"
                ])
            let (states, policies) = api.helper.state.withLock { ($0.associations, $0.policies) }
            #expect(Set(states.map { "\($0.source)" }) == ["203.0.113.1", "198.51.100.7"])
            #expect(Set(policies.map { "\($0.key.remote)" }) == ["12.0.0.0/8"])
            let transport = try await api.ask("PATCH", "/\(id)", #"{"mode":"transport"}"#)
            #expect(
                try transport.json["warnings"]?.elements?.first == "src_networks and dst_networks went with tunnel mode"
            )
            #expect(try transport.json["data"]?["src_networks"] == .null)
            let tunnel = try await api.ask("PATCH", "/\(id)", #"{"mode":"tunnel"}"#)
            #expect(try tunnel.json["data"]?["dst_networks"] == ["198.51.100.7/32"])
            #expect(try tunnel.json["data"]?["status"] == "up")
        }
    }

    @Test func `enabled installs and removes`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let off = try await api.ask("PATCH", "/\(id)", #"{"enabled":false}"#)
            #expect(try off.json["data"]?["installed"] == false)
            #expect(api.helper.state.withLock { $0.associations.isEmpty && $0.rules.isEmpty })
            let on = try await api.ask("PUT", "/\(id)", AssociationServer.body(#""enabled":true"#))
            #expect(try on.json["data"]?["installed"] == true)
            #expect(api.helper.state.withLock { $0.associations.count == 2 && $0.rules.count == 3 })
        }
    }

    @Test func `What a refused repair waits for can be changed, and all of the association is there then`() async throws
    {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let before = try await api.record(id)
            // Gone, and somebody else holds the incoming SPI now.
            api.helper.state.withLock { state in
                state.associations = state.associations.filter { $0.spi == before.spiIn }.map { own in
                    SecurityAssociationState(
                        number: nil, source: own.source, destination: own.destination, spi: own.spi,
                        securityProtocol: own.securityProtocol, asMade: nil, bytes: 0, packets: 0,
                        addedAt: own.addedAt, usedAt: 0, outsideWindow: 0, repeated: 0, unauthentic: 0)
                }
                state.policies = []
            }
            try await api.plane.reconcile()
            let refused = try await api.ask("GET", "/\(id)").json["data"]
            #expect(refused?["status"] == "error" && refused?["status_detail"]?.text?.contains("in use") == true)
            let renamed = try await api.ask("PATCH", "/\(id)", #"{"name":"renamed"}"#)
            #expect(try renamed.json["data"]?["status_detail"] == refused?["status_detail"])
            let changed = try await api.ask("PATCH", "/\(id)", #"{"spi_in":null}"#)
            #expect(changed.status == 200, "\(changed.body)")
            #expect(try changed.json["data"]?["status"] == "up")
            let after = try await api.record(id)
            let own = api.helper.state.withLock { $0.associations.filter { $0.number != nil }.map(\.spi) }
            #expect(Set(own) == [after.spiIn, after.spiOut])
            #expect(api.helper.state.withLock { Set($0.policies.map(\.key.direction)) } == [.in, .forward, .out])
        }
    }

    @Test func `A version that has gone is not changed`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let whole = try #require(try await api.ask("GET", "/\(id)").json["data"]).words
            api.fixture.clock.advance(milliseconds: 1000)
            _ = try await api.ask("PATCH", "/\(id)", #"{"name":"renamed"}"#)
            let changes = [("PATCH", #"{"name":"c"}"#), ("PATCH", whole), ("PUT", whole), ("DELETE", nil)]
            for (method, body) in changes as [(String, String?)] {
                #expect(try await api.ask(method, "/\(id)", body, #"If-Match: "r1""#).status == 412)
            }
            #expect(try await api.ask("PATCH", "/\(id)", #"{"name":"c"}"#, #"If-Match: "r2""#).status == 200)
        }
    }

    @Test func `Many changes at once are all made, each of what there is then`() async throws {
        try await AssociationServer.with { api in
            let id = try await api.make()
            let changes = [#"{"replay_window":7}"#, #"{"name":"renamed"}"#, #"{"dst_networks":"10.0.0.0/8"}"#]
            try await withThrowingTaskGroup(of: Int.self) { group in
                for change in changes { group.addTask { try await api.ask("PATCH", "/\(id)", change).status } }
                for try await status in group { #expect(status == 200) }
            }
            let after = try await api.record(id)
            #expect(after.replayWindow.rawValue == 7 && after.name.description == "renamed")
            #expect(after.remoteNetworks?.description == "10.0.0.0/8")
        }
    }

    @Test func `One key for both directions is refused where it breaks the cipher`() throws {
        let key = SealedSymmetricKey.sample()
        let shared = AssociationKeys(encryptionIn: key, encryptionOut: key)
        #expect(throws: Problem.self) { try shared.refuseSharing(with: .aes256GCM) }
        #expect(throws: Problem.self) { try shared.refuseSharing(with: .chacha20Poly1305) }
        try shared.refuseSharing(with: .aes256CBC)
        try AssociationKeys(encryptionIn: key, encryptionOut: .sample()).refuseSharing(with: .aes256GCM)
        try AssociationKeys().refuseSharing(with: .aes256GCM)
    }
}

extension Seal.Item {
    /// How many bytes the secret is to have, or has.
    fileprivate var length: Int? {
        switch origin {
        case .made(let length): length
        case .given(let secret): secret.count
        case .box: nil
        }
    }

    fileprivate var isGiven: Bool { if case .given = origin { true } else { false } }
}
