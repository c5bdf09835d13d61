import Testing
import Wire

struct FrameTests {
    private func length(_ header: [UInt8]) throws -> Int { try header.withUnsafeBytes { try Frame.length(of: $0) } }

    @Test func `The length is read before anything else and capped at 1 MiB`() throws {
        #expect(try length([0, 0, 0, 2]) == 2)
        #expect(try length([0, 0x10, 0, 0]) == 1 << 20)
        #expect(throws: Refusal.self) { try length([0, 0x10, 0, 1]) }
        #expect(throws: Refusal.self) { try length([0xFF, 0xFF, 0xFF, 0xFF]) }
        #expect(throws: Refusal.self) { try length([0, 0, 0, 0]) }
    }

    @Test func `A message that is too long for a frame is not written`() throws {
        let long = JSON.text(String(repeating: "a", count: 1 << 20))
        #expect(throws: Refusal.self) { try Frame.encode(long) }
    }

    @Test(arguments: [
        ("", "not the JSON of a frame: the text ends too soon at byte 0"),
        ("[]", "a frame holds an object of exactly one member, the verb"),
        ("{}", "a frame holds an object of exactly one member, the verb"),
        (#"{"greet":{},"seal":{}}"#, "a frame holds an object of exactly one member, the verb"),
        (#"{"shell":{}}"#, "unknown verb \"shell\""),
        (#"{"greet":{"protocol":1}}"#, "is missing"),
        (#"{"greet":{"protocol":1.0,"channel":"read"}}"#, "must be a whole number from 0, not a number"),
        (#"{"greet":{"protocol":1,"channel":"both"}}"#, #"must be one of "write", "read", not "both""#),
        (#"{"greet":{"protocol":1,"channel":"read","x":1}}"#, "no such member: \"x\""),
        (#"{"removeTunnel":{"tunnel":"5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10","interface":"eth0"}}"#, "must be wg0"),
    ])
    func `A frame that is not exactly a request says what is wrong`(body: String, words: String) {
        let refusal = #expect(throws: Refusal.self) { try Request(frame: Bytes(body.utf8)) }
        #expect(refusal?.message.hasPrefix(words) == true, "\(refusal?.message ?? "")")
        #expect(refusal?.closesConnection == true)
    }

    @Test func `A list that is too long is refused by its limit`() throws {
        let keys = (0..<257).map { _ in JSON.text("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=") }
        let frame = JSON.object([
            .init(
                name: "applyPeers",
                value: ["tunnel": "5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10", "interface": "wg0", "remove": .array(keys)])
        ])
        let refusal = #expect(throws: Refusal.self) { try Request(frame: frame.serialized) }
        #expect(refusal?.code == .limit)
        #expect(refusal?.field == "remove")
    }

    @Test func `A reply to another verb is not taken for the answer`() throws {
        let frame = try Reply<RemoveTunnel>.answer(RemoveTunnel.Answer()).frame()
        #expect(throws: Refusal.self) { try Reply<Inventory>(frame: Bytes(frame.array.dropFirst(4))) }
    }

    @Test func `The field of a refusal names the element in a list`() throws {
        let body = #"""
            {"applyPeers":{"tunnel":"5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10","interface":"wg0","set":[
            {"public_key":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=","allowed_ips":["10.0.0.2/32","10.0.0.0/33"]}]}}
            """#
        let refusal = #expect(throws: Refusal.self) { try Request(frame: Bytes(body.utf8)) }
        #expect(refusal?.field == "set[0].allowed_ips[1]")
    }
}
