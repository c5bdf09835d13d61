import NIOCore
import Testing
import Wire

@testable import aifw_apid

/// What a stream sends of the log: values, without a stream.
struct FollowerTests {
    private func entry(
        _ revision: Int64, _ action: AuditAction = .create, _ kind: AuditObject.Kind? = .tunnel
    ) throws -> AuditEntry {
        let object = try kind.map { AuditObject(kind: $0, id: ObjectID(bits: 7), name: try ObjectName("office")) }
        return AuditEntry(
            revision: revision, time: Timestamp(milliseconds: 0), author: .tester, action: action, object: object,
            changes: nil)
    }

    private func text(_ blocks: [EventBlock]) -> String { String(buffer: ByteBuffer(blocks)) }

    @Test func `a change is an event with its revision as id, and nothing of who made it`() throws {
        var follower = Follower(from: .after(41), scopes: .vpnRead)
        #expect(text(follower.opening()) == "retry: 2000\nid: 41\n\n")
        #expect(
            text(follower.take([try entry(42)])) == """
                event: change
                id: 42
                data: {"revision":42,"time":"1970-01-01T00:00:00Z","action":"create","object":{"type":"tunnel",\
                "id":"00000000-0000-0000-0000-000000000007","name":"office"}}


                """)
        #expect(follower.position == 42)
        #expect(text([follower.heartbeat()]) == ": still here\n\n")
    }

    @Test func `whoever starts anew is told so, with the revision to go on from`() {
        var follower = Follower(from: .reset(last: 9), scopes: .vpnRead)
        #expect(text(follower.opening()) == "retry: 2000\nid: 9\n\nevent: reset\nid: 9\ndata: {\"revision\":9}\n\n")
    }

    @Test func `a change that was seen is not sent again`() throws {
        var follower = Follower(from: .after(5), scopes: .vpnRead)
        _ = follower.opening()
        let blocks = follower.take([try entry(5), try entry(6), try entry(6)])
        #expect(blocks.map(\.id) == [6])
    }

    @Test func `what the caller may not see moves the id on, behind a whole batch or with a heartbeat`() throws {
        var follower = Follower(from: .after(0), scopes: .vpnRead)
        _ = follower.opening()
        #expect(follower.take([try entry(1, .create, .token)]).isEmpty)
        #expect(text([follower.heartbeat()]) == ": still here\nid: 1\n\n")
        #expect(text([follower.heartbeat()]) == ": still here\n\n")
        let hidden = try (2...101).map { try entry($0, .create, .user) }
        #expect(follower.take(hidden) == [EventBlock(id: 101)])
        let shown = try (102...201).map { try entry($0) }
        #expect(follower.take(shown).count == 100)
    }

    @Test(arguments: AuditAction.allCases)
    func `changes are told, and what changes nothing is not`(action: AuditAction) throws {
        let isTold = ![.reveal, .login, .loginFailed, .backup].contains(action)
        for scopes in [Scopes.admin, .vpnRead, .vpnWrite] {
            #expect(try entry(1, action).isTold(to: scopes) == isTold)
        }
    }

    @Test(arguments: AuditObject.Kind.allCases)
    func `who is no administrator hears of the VPN, and that it was replaced`(kind: AuditObject.Kind) throws {
        let isOpen = [.tunnel, .peer, .association].contains(kind)
        for scopes in [Scopes.vpnRead, .vpnWrite, [.vpnWrite, .vpnSecrets]] {
            #expect(try entry(1, .update, kind).isTold(to: scopes) == isOpen)
            #expect(try entry(1, .restore, nil).isTold(to: scopes) && entry(1, .importing, kind).isTold(to: scopes))
            #expect(try !entry(1, .create, nil).isTold(to: scopes))
        }
        #expect(try entry(1, .update, kind).isTold(to: .admin) && entry(1, .create, nil).isTold(to: .admin))
    }

    // MARK: Where it begins

    @Test(
        arguments: [
            (nil, .after(50_000)), ("50000", .after(50_000)), ("40000", .after(40_000)),
            ("39999", .reset(last: 50_000)),
            ("50001", .reset(last: 50_000)), ("0", .reset(last: 50_000)), ("", .reset(last: 50_000)),
            ("x", .reset(last: 50_000)), ("-1", .reset(last: 50_000)), ("+49000", .reset(last: 50_000)),
            ("4.9e4", .reset(last: 50_000)), ("99999999999999999999", .reset(last: 50_000)),
            ("9223372036854775808", .reset(last: 50_000)), ("٤٩٠٠٠", .reset(last: 50_000)),
        ] as [(String?, ResumePoint)])
    func `an id that is not among the last changes starts anew`(id: String?, point: ResumePoint) {
        #expect(ResumePoint(lastEventID: id, oldest: 1, last: 50_000) == point)
    }

    @Test func `an id is good as long as the change behind it is in the log`() {
        #expect(ResumePoint(lastEventID: "0", oldest: nil, last: 0) == .after(0))
        #expect(ResumePoint(lastEventID: "1", oldest: nil, last: 0) == .reset(last: 0))
        #expect(ResumePoint(lastEventID: "0", oldest: 1, last: 3) == .after(0))
        #expect(ResumePoint(lastEventID: "4", oldest: 5, last: 9) == .after(4))
        #expect(ResumePoint(lastEventID: "3", oldest: 5, last: 9) == .reset(last: 9))
    }
}
