import GRDB
import HTTPTypes
import Logging
import Testing
import Wire

@testable import aifw_apid

@Suite struct IdempotencyTests {
    private static let laptop = #"{"name":"laptop"}"#

    @Test func `a repetition gets the first answer, and nothing is done again`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let first = try await server.post("\(path)/peers", Self.laptop, key: "k1")
            let again = try await server.post("\(path)/peers", Self.laptop, key: "k1")
            #expect(first.status == 201 && again.status == 201)
            #expect(again.body == first.body)
            for name in ["location", "etag", "content-type"] { #expect(again.headers[name] == first.headers[name]) }
            #expect(first.headers["idempotency-replayed"] == nil)
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(again.headers["x-content-type-options"] == "nosniff")
            #expect(try await server.names(in: id) == ["laptop"])
            let rotation = "\(path)/peers/\(try self.id(of: first))/rotate"
            let rotated = try await server.post(rotation, nil, key: "k2")
            let repeated = try await server.post(rotation, nil, key: "k2")
            #expect(rotated.status == 200 && repeated.body == rotated.body)
            #expect(try await server.log() == [.create, .create, .rotate])
        }
    }

    private func id(of answer: Answer) throws -> String {
        try #require(try answer.json["data"]?["id"]?.text)
    }

    @Test func `what changed meanwhile does not change a repetition`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let first = try await server.post("\(path)/peers", Self.laptop, key: "k")
            let made = try self.id(of: first)
            #expect(try await server.ask("DELETE", "\(path)/peers/\(made)").status == 200)
            let again = try await server.post("\(path)/peers", Self.laptop, key: "k")
            #expect(again.status == 201 && again.body == first.body)
            #expect(try await server.names(in: id) == [])
        }
    }

    @Test func `the same key with another body, path or query is a 409 and does nothing`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            _ = try await server.post("\(path)/peers", Self.laptop, key: "k")
            for (path, body) in [
                ("\(path)/peers", #"{"name":"phone"}"#), ("\(path)/peers", #"{"name": "laptop"}"#),
                ("\(path)/peers?family=4", Self.laptop), ("\(path)/start", nil), ("", Self.laptop),
            ] {
                let answer = try await server.post(path, body, key: "k")
                #expect(answer.status == 409)
                #expect(try answer.problem == "idempotency-key-reused")
            }
            #expect(try await server.names(in: id) == ["laptop"])
        }
    }

    @Test func `keys are each caller's own`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            #expect(try await server.post("\(path)/peers", Self.laptop, key: "k").status == 201)
            let made = try await server.server.local(
                "/api/v1/tokens", "-H", "Content-Type: application/json", "-d",
                #"{"name":"ci","scopes":["vpn:write"]}"#)
            let token = try #require(try made.json["data"]?["token"]?.text)
            let answer = try await server.server.remote(
                "\(TunnelServer.path)\(path)/peers", "-H", "Authorization: Bearer \(token)", "-H",
                "Idempotency-Key: k", "-H", "Content-Type: application/json", "-d", #"{"name":"phone"}"#)
            #expect(answer.status == 201)
            #expect(try await server.names(in: id) == ["laptop", "phone"])
        }
    }

    @Test func `a request that failed has done nothing, and is carried out when it is sent again`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let wrong = try await server.post("\(path)/peers", #"{"nmae":"laptop"}"#, key: "wrong")
            #expect(wrong.status == 422)
            #expect(try await server.post("\(path)/peers", #"{"nmae":"laptop"}"#, key: "wrong").body == wrong.body)
            server.helper.stop()
            #expect(try await server.post("\(path)/peers", Self.laptop, key: "k").status == 503)
            try server.helper.start()
            let answer = try await server.post("\(path)/peers", Self.laptop, key: "k")
            #expect(answer.status == 201 && answer.headers["idempotency-replayed"] == nil)
            #expect(try await server.names(in: id) == ["laptop"])
        }
    }

    @Test(arguments: [
        ("/peers", #"{"name":"laptop","keep_private_key":false}"#),
        ("/peers/bulk", #"{"peers":[{"name":"laptop","keep_private_key":false}]}"#),
    ])
    func `a secret that is shown once is not repeated`(path: String, body: String) async throws {
        try await TunnelServer.with { server in
            let tunnel = try await server.tunnel()
            let first = try await server.post(tunnel.path + path, body, key: "k")
            #expect(first.status == 201 && first.body.contains("PrivateKey"))
            let again = try await server.post(tunnel.path + path, body, key: "k")
            #expect(try again.problem == "idempotency-secret-not-repeated")
            #expect(try again.json["detail"]?.text?.contains("create of peer \"laptop\"") == true)
            #expect(try await server.names(in: tunnel.id) == ["laptop"])
        }
    }

    @Test func `no token is shown twice, and neither a body nor a key can be read from the database`() async throws {
        try await TunnelServer.with { server in
            let key = "8e03978e-40d5-43dd-bc93-6894a57f9324"
            let arguments = [
                "-H", "Content-Type: application/json", "-H", "Idempotency-Key: \(key)", "-d",
                #"{"name":"ci","scopes":["vpn:read"]}"#,
            ]
            let first = try await server.server.local("/api/v1/tokens", arguments)
            #expect(first.status == 201)
            let again = try await server.server.local("/api/v1/tokens", arguments)
            #expect(try again.problem == "idempotency-secret-not-repeated")
            let token = try #require(try first.json["data"]?["token"]?.text)
            let rows = try await server.fixture.store.read { transaction in
                var rows: [String] = []
                try transaction.database.each("SELECT * FROM idempotency_key") { row in
                    rows.append("\(row)")
                    return true
                }
                return rows
            }
            #expect(rows.count == 1)
            #expect(!rows[0].contains(token) && !rows[0].contains(key) && !rows[0].contains("ci"))
        }
    }

    @Test func `a change whose answer was never kept is not made again, and the answer says what was done`()
        async throws
    {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            let first = try await server.post("\(path)/peers", Self.laptop, key: "k")
            // As after a SIGKILL between the commit and the answer.
            try await server.fixture.store.write {
                try $0.database.run("UPDATE idempotency_key SET outcome = 'done', body = NULL")
            }
            let again = try await server.post("\(path)/peers", Self.laptop, key: "k")
            #expect(try again.problem == "idempotency-answer-lost")
            let made = try self.id(of: first)
            #expect(try again.json["detail"]?.text?.contains("create of peer \"laptop\" (\(made))") == true)
            #expect(try await server.names(in: id) == ["laptop"])
        }
    }

    @Test func `the key is in the transaction of the change: undone with it, there as soon as it is`() async throws {
        struct Refused: Error {}
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let request = IdempotentRequest(
            caller: "tester", id: Array(repeating: 1, count: 32), fingerprint: Array(repeating: 2, count: 32))
        try await IdempotentRequest.$current.withValue(request) {
            await #expect(throws: Refused.self) {
                try await fixture.store.write { transaction in
                    try transaction.log(.update, of: tunnel.object, by: .tester)
                    throw Refused()
                }
            }
            #expect(try await fixture.store.read { try $0.idempotency(of: request) } == nil)
            // One that writes nothing into the log has done nothing that could be done twice.
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.read { try $0.idempotency(of: request) } == nil)
            _ = try await fixture.peer("laptop", of: tunnel)
            _ = try await fixture.peer("phone", of: tunnel)
        }
        let record = try #require(try await fixture.store.read { try $0.idempotency(of: request) })
        #expect(record.outcome == .lost)
        #expect(record.done?.object?.name.description == "laptop", "the first of several changes")
        // A change of somebody else's carries no key.
        _ = try await fixture.peer("tablet", of: tunnel)
        #expect(try await fixture.store.read { try $0.idempotencyKeys(of: "tester").count } == 1)
        fixture.clock.advance(milliseconds: IdempotencyRecord.lifetime)
        #expect(try await fixture.store.read { try $0.idempotency(of: request) } == nil)
    }

    @Test func `after a day a key is as new, and the next keys take the expired ones away`() async throws {
        try await TunnelServer.with { server in
            let (id, path) = try await server.tunnel()
            for number in 0..<5 {
                _ = try await server.post("\(path)/peers", #"{"name":"peer \#(number)"}"#, key: "k\(number)")
            }
            server.fixture.clock.advance(milliseconds: IdempotencyRecord.lifetime - 1)
            #expect(
                try await server.post("\(path)/peers", #"{"name":"peer 0"}"#, key: "k0").headers[
                    "idempotency-replayed"] == "true")
            server.fixture.clock.advance(milliseconds: 1)
            #expect(try await server.post("\(path)/peers", #"{"name":"new"}"#, key: "k0").status == 201)
            let kept: Int? = try await server.fixture.store.read {
                try $0.database.first("SELECT count(*) FROM idempotency_key")?[0]
            }
            #expect(kept == 1)
            #expect(try await server.names(in: id).count == 6)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 256), "schlüssel"])
    func `a key that is none is a 422`(key: String) async throws {
        try await TunnelServer.with { server in
            // curl(1) sends a header without a value only where it ends in a semicolon.
            let header = key.isEmpty ? "Idempotency-Key;" : "Idempotency-Key: \(key)"
            let answer = try await server.ask("POST", "", #"{"name":"x","address":"10.0.0.1/24"}"#, header)
            #expect(answer.status == 422)
            #expect(try answer.faults.keys.sorted() == ["Idempotency-Key"])
            #expect(try await server.ask("GET", "").json["total"] == 0)
        }
    }

    @Test func `two at once are carried out once; the later is told to come back, or that the key is another's`()
        async throws
    {
        let fixture = try StoreFixture()
        // Handlers must not block a thread, so the door is one that is waited at.
        let (arrivals, arrive) = AsyncStream.makeStream(of: Void.self)
        let (door, open) = AsyncStream.makeStream(of: Void.self)
        let table: [Route] = [
            .post(
                "/slow", .vpnWrite,
                { context in
                    arrive.finish()
                    for await _ in door {}
                    return .message("done")
                })
        ]
        let idempotency = Idempotency(store: fixture.store, logger: Logger(label: "test"))
        try await LiveServer.with(table, idempotency: idempotency) { server in
            async let first = server.local("/slow", "-d", "a", "-H", "Idempotency-Key: k")
            for await _ in arrivals {}
            let second = try await server.local("/slow", "-d", "a", "-H", "Idempotency-Key: k")
            #expect(try second.problem == "idempotency-in-progress")
            #expect(second.headers["retry-after"] == "1")
            let other = try await server.local("/slow", "-d", "b", "-H", "Idempotency-Key: k")
            #expect(try other.problem == "idempotency-key-reused")
            open.finish()
            #expect(try await first.status == 200)
            let third = try await server.local("/slow", "-d", "a", "-H", "Idempotency-Key: k")
            #expect(third.status == 200 && third.headers["idempotency-replayed"] == "true")
        }
    }

    @Test func `of one caller so many keys are kept and no more, and the oldest answers make room for new ones`()
        async throws
    {
        let fixture = try StoreFixture()
        @Sendable func request(_ number: Int) -> IdempotentRequest {
            let id = ObjectID(bits: UInt128(number)).bytes
            return IdempotentRequest(caller: "tester", id: id + id, fingerprint: id + id)
        }
        let answer = IdempotentAnswer(
            status: 201, contentType: "application/json",
            body: Array(repeating: 0x20, count: IdempotencyRecord.answerLimit))
        for number in 0..<6 {
            fixture.clock.advance(milliseconds: 1)
            try await fixture.store.write { try $0.keep(.answered(answer), of: request(number)) }
        }
        for number in 0..<6 {
            let record = try await fixture.store.read { try $0.idempotency(of: request(number)) }
            #expect(record?.outcome == (number < 2 ? .lost : .answered(answer)), "\(number)")
        }
        try await fixture.store.write { transaction in
            for number in 6..<IdempotencyRecord.keyLimit { try transaction.keep(.secret, of: request(number)) }
        }
        let table: [Route] = [.post("/", .vpnWrite, { _ in .message("done") })]
        let idempotency = Idempotency(store: fixture.store, logger: Logger(label: "test"))
        await #expect {
            _ = try await idempotency.answer(request(IdempotencyRecord.keyLimit)) { .message("done") }
        } throws: { error in
            guard let problem = error as? Problem else { return false }
            return problem.code == .tooManyRequests && problem.headers[.retryAfter] == "86400"
        }
        try await LiveServer.with(table, idempotency: idempotency) { server in
            let answer = try await server.local("/", "-d", "", "-H", "Idempotency-Key: another's")
            #expect(answer.status == 200, "a caller who has no keys yet is not concerned")
        }
    }
}
