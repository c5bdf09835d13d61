import Testing
import Wire

@testable import KernelMessages
@testable import aifw_privd

/// How a reading is divided into frames.
struct TunnelPagesTests {
    private let link = Link(index: 3, name: "wg0", alias: nil, kind: "tun", mtu: 1420, isUp: true)

    private func peer(_ number: Int, prefixes: Int) throws -> PeerState {
        var draft = PeerDraft(try #require(PublicKey(bytes: (0..<32).map { UInt8(truncatingIfNeeded: number >> $0) })))
        for index in 0..<prefixes { draft.add(route(index)) }
        draft.endpoint = try Endpoint("[2001:db8:1111:2222:3333:4444:5555:6666]:65535")
        draft.received = .max
        draft.sent = .max
        return draft.state
    }

    private func route(_ number: Int) -> Prefix { Prefix(host: IPAddress(.v6, bits: .max - UInt128(number))) }

    private func answers(routes: Int, peers: Int, prefixes: Int) throws -> [ReadTunnel.Answer] {
        var pages = TunnelPages()
        var answers: [ReadTunnel.Answer] = []
        pages.begin(link, DeviceState(), addresses: [])
        for number in 0..<routes {
            if let full = pages.add(route(number)) { answers.append(full) }
        }
        for number in 0..<peers {
            if let full = pages.add(try peer(number, prefixes: prefixes)) { answers.append(full) }
        }
        return answers + [pages.last()]
    }

    @Test(arguments: [(0, 0, 0), (0, 1, 1), (10, 2_000, 2), (0, 2, 10_000), (9_000, 3, 9_000), (60_000, 2, 1)])
    func `every page fits into a frame, and only the last ends`(routes: Int, peers: Int, prefixes: Int) throws {
        let answers = try answers(routes: routes, peers: peers, prefixes: prefixes)
        #expect(answers.map(\.more) == answers.indices.map { $0 < answers.count - 1 })
        #expect(answers.map { $0.link != nil } == answers.indices.map { $0 == 0 })
        #expect(answers.flatMap(\.routes) == (0..<routes).map(route))
        #expect(answers.reduce(0) { $0 + $1.peers.count } == peers)
        for answer in answers {
            #expect(try Reply<ReadTunnel>.answer(answer).frame().count <= Frame.maximumLength)
        }
    }

    @Test func `pages are filled to about the size agreed`() throws {
        for answer in try answers(routes: 0, peers: 3_000, prefixes: 1).dropLast() {
            #expect(try Reply<ReadTunnel>.answer(answer).frame().count > ReadTunnel.pageSize / 2)
        }
    }
}
