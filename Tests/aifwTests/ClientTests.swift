import Testing
import Wire

@testable import aifw

@Suite struct `The client` {
    @Test(arguments: [false, true])
    func `opens a new connection where the daemon has closed the former one`(closes: Bool) throws {
        let api = FakeAPI { call in
            var answer = FakeAPI.Answer.json(#"{"message":"\#(call.method)"}"#)
            answer.closes = closes
            return answer
        }
        let client = Client(socketPath: api.socketPath)
        for method in [Request.Method.get, .post, .patch] {
            let response = try client.send(Request(method, ["vpn"]))
            #expect(response.reusable)
            #expect(try response.json()["message"]?.text == method.rawValue)
            if closes { api.waitForEnd() }
        }
        #expect(api.calls.map(\.method) == ["GET", "POST", "PATCH"])
        #expect(api.connections == (closes ? 3 : 1))
    }
}
