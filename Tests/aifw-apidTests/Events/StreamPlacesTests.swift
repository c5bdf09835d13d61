import HTTPTypes
import NIOCore
import Testing
import Wire

@testable import aifw_apid

struct StreamPlacesTests {
    @Test func `a caller has so many streams, all together so many, and those on this host their own`() throws {
        var places = StreamPlaces()
        let callers = (0..<5).map { _ in Caller.Kind.token(.random()) }
        for caller in callers.prefix(4) {
            for _ in 0..<StreamPlaces.perCaller { try places.take(caller) }
            #expect(throws: Problem.self) { try places.take(caller) }
        }
        let problem = #expect(throws: Problem.self) { try places.take(callers[4]) }
        #expect(problem?.code == .tooManyStreams && problem?.headers[.retryAfter] == "5")
        for _ in 0..<StreamPlaces.local { try places.take(.account(uid: 0)) }
        #expect(throws: Problem.self) { try places.take(.account(uid: 1)) }
        places.leave(callers[0])
        try places.take(callers[4])
        places.leave(.account(uid: 0))
        try places.take(.account(uid: 1))
    }

    @Test func `who takes nothing of what is posted is ended, and never has more than so much waiting`() async {
        let mailbox = Mailbox()
        for _ in 0..<Mailbox.limit { mailbox.post(ByteBuffer(string: "x")) }
        #expect(!mailbox.isOver)
        mailbox.post(ByteBuffer(string: "one more"))
        #expect(mailbox.isOver && mailbox.take().count == Mailbox.limit)
        await mailbox.wait()
    }

    @Test func `a bell that rang before is heard, once`() async {
        let mailbox = Mailbox()
        mailbox.ring()
        await mailbox.wait()
        async let waiting: Void = mailbox.wait()
        mailbox.post(ByteBuffer(string: "x"))
        await waiting
        #expect(mailbox.take().count == 1 && mailbox.take().isEmpty)
    }
}
