import CSodium
import Foundation
import Testing
import Wire

@testable import aifw_apid

@Suite struct WebhookSignatureTests {
    @Test func `the example of the Standard Webhooks specification is signed as it says`() throws {
        let bytes = try #require(Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let secret = WebhookSecret(key: try #require(Secret(Bytes(Array(bytes)))))
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `another library computes the same`() throws {
        let secret = try #require(WebhookSecret.random())
        let key = secret.key.withUnsafeBytes { Array($0) }
        let body = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let content = Array("msg_1_42.1800000000.".utf8) + body
        var code = [UInt8](repeating: 0, count: 32)
        #expect(crypto_auth_hmacsha256(&code, content, UInt64(content.count), key) == 0)
        let signature = secret.signature(id: "msg_1_42", timestamp: 1_800_000_000, body: body)
        #expect(signature == "v1," + Data(code).base64EncodedString())
    }

    @Test func `a secret is shown as the specification has it, and each is another`() throws {
        let secrets = try (0..<16).map { _ in try #require(WebhookSecret.random()) }
        let texts = secrets.compactMap(\.json.text)
        #expect(Set(texts).count == 16)
        for (secret, text) in zip(secrets, texts) {
            #expect(text.hasPrefix("whsec_"))
            #expect(Data(base64Encoded: String(text.dropFirst(6)))?.count == 32)
            #expect("\(secret.key)" == "(secret)")
        }
    }

    @Test func `a delivery has the same id and body each time, and another time and signature`() throws {
        let webhook = ObjectID.random()
        let object = AuditObject(kind: .peer, id: .random(), name: try ObjectName("laptop"))
        let entry = AuditEntry(
            revision: 42, time: Timestamp(milliseconds: 1_800_000_000_500), author: .tester, action: .update,
            object: object, changes: ["preshared_key": "changed"])
        let message = WebhookMessage(of: entry, to: webhook)
        #expect(message == WebhookMessage(of: entry, to: webhook))
        #expect(message.id == "msg_\("\(webhook)".filter { $0 != "-" })_42_1800000000500")
        let expected: JSON = [
            "type": "vpn.change", "timestamp": "2027-01-15T08:00:00.500Z",
            "data": [
                "revision": 42, "action": "update",
                "object": ["type": "peer", "id": object.id.json, "name": "laptop"],
                "actor": ["kind": "token", "name": "tester"],
            ],
        ]
        #expect(try JSONParser.parse(Bytes(message.body)) == expected)
        let secret = try #require(WebhookSecret.random())
        let first = message.fields(signedBy: secret, at: Timestamp(milliseconds: 1_800_000_001_999))
        let second = message.fields(signedBy: secret, at: Timestamp(milliseconds: 1_800_000_002_000))
        #expect(first.first { $0.name == "webhook-timestamp" }?.value == "1800000001")
        #expect(first.first { $0.name == "webhook-id" }?.value == message.id)
        #expect(first.last?.name == "webhook-signature" && first.last?.value != second.last?.value)
    }

    @Test func `what is about no object says so`() throws {
        let entry = AuditEntry(
            revision: 1, time: Timestamp(milliseconds: 0), author: .system, action: .restore, object: nil, changes: nil)
        let json = try JSONParser.parse(Bytes(WebhookMessage(of: entry, to: .random()).body))
        #expect(json["data"]?["object"] == JSON.null)
    }

    @Test func `changes are told, and what only looks is not`() {
        #expect(
            Set(AuditAction.changes.map(\.rawValue)) == [
                "create", "update", "delete", "start", "stop", "rotate", "import", "restore",
            ])
    }
}
