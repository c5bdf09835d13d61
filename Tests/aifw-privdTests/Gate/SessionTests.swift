import Testing
import Wire

@testable import aifw_privd

@Suite struct `A session` {
    @Test(arguments: [(Greet.Channel.write, Session.State.writing), (.read, .reading)])
    func `A greeting gives a free seat`(channel: Greet.Channel, state: Session.State) throws {
        var session = Session()
        try session.admit(.greet(Greet(channel: channel)), taken: [])
        #expect(session.state == state)
        #expect(session.channel == channel)
    }

    @Test func `A seat that is taken is refused, and that connection ends`() throws {
        var session = Session()
        let refusal = try #require(throws: Refusal.self) {
            try session.admit(.greet(Greet(channel: .write)), taken: [.write])
        }
        #expect(refusal == Refusal(.limit, "another connection has the write channel", field: "channel"))
        #expect(session == Session())
        #expect(session.ends(with: refusal))
    }

    @Test func `The other seat does not matter`() throws {
        var session = Session()
        try session.admit(.greet(Greet(channel: .read)), taken: [.write])
        #expect(session.state == .reading)
    }

    @Test func `Another protocol is refused`() throws {
        var session = Session()
        let refusal = try #require(throws: Refusal.self) {
            try session.admit(.greet(Greet(channel: .write, version: 1)), taken: [])
        }
        #expect(refusal.field == "protocol")
        #expect(session.ends(with: refusal))
    }

    @Test func `What the table forbids is out of order, whatever it carries`() throws {
        var session = Session()
        let early = #expect(throws: Refusal.self) { try session.admit(.inventory(Inventory()), taken: []) }
        #expect(early == Refusal(.outOfOrder, "inventory is not taken before greet"))
        try session.admit(.greet(Greet(channel: .write)), taken: [])
        let reveal = #expect(throws: Refusal.self) { try session.admit(.reveal(Reveal([])), taken: []) }
        #expect(reveal == Refusal(.outOfOrder, "reveal is not taken on the write channel"))
        let again = #expect(throws: Refusal.self) { try session.admit(.greet(Greet(channel: .read)), taken: []) }
        #expect(again?.code == .outOfOrder)
        #expect(session.state == .writing)
    }

    @Test(arguments: Refusal.Code.allCases)
    func `After its greeting it ends only with refusals that close`(code: Refusal.Code) throws {
        var session = Session()
        try session.admit(.greet(Greet(channel: .read)), taken: [])
        let refusal = Refusal(code, "")
        #expect(session.ends(with: refusal) == refusal.closesConnection)
    }
}
