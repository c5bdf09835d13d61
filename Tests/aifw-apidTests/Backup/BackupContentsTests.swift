import Testing
import Wire

@testable import aifw_apid

/// Whoever has the passphrase can write what he likes; what this program would never have stored is refused.
@Suite struct `What a backup may hold` {
    private static func words(_ records: [BackupRecord], summary: BackupRecord? = nil) throws -> String {
        guard case .damaged(let words)? = try BackupSamples.fault(try BackupSamples.file(records, summary: summary))
        else {
            return ""
        }
        return words
    }

    private static func tunnel(_ record: TunnelRecord) -> BackupRecord { .tunnel(TunnelEntry(record, box: nil)) }

    @Test func `what two objects can't have in common`() throws {
        let office = try BackupSamples.tunnel()
        let second = try BackupSamples.tunnel("second", number: 1, address: "10.1.0.1/24")
        #expect(try Self.words([Self.tunnel(office), Self.tunnel(second)]) == "")
        #expect(try Self.words([Self.tunnel(office), Self.tunnel(office)]).contains("has the id of another"))
        for (word, change) in [
            ("name", { $0.name = office.name }), ("interface", { $0.interface = office.interface }),
            ("port", { $0.listenPort = office.listenPort }), ("public key", { $0.publicKey = office.publicKey }),
        ] as [(String, (inout TunnelRecord) -> Void)] {
            var twin = second
            change(&twin)
            #expect(try Self.words([Self.tunnel(office), Self.tunnel(twin)]).contains("has the \(word) of another"))
        }
        let (alice, token) = (try BackupSamples.user(), try BackupSamples.token())
        let other = try BackupSamples.user("ALICE")
        let users: [BackupRecord] = [.user(UserEntry(alice, totp: nil)), .user(UserEntry(other, totp: nil))]
        #expect(try Self.words(users).contains("has the name of another"))
        let copy = try BackupSamples.token("other")
        #expect(try Self.words([.token(TokenEntry(token)), .token(TokenEntry(copy))]).contains("hash"))
    }

    @Test func `webhooks are as many as there may be, each with a name and a whole secret`() throws {
        let most = try (1...Webhooks.limit).map { BackupSamples.entry(try BackupSamples.webhook("hook \($0)")) }
        #expect(try Self.words(most) == "")
        let more = BackupSamples.entry(try BackupSamples.webhook("one more"))
        #expect(try Self.words(most + [more]).contains("more webhooks than the 32 that"))
        #expect(try Self.words([more, more]).contains("has the id of another"))
        let twin = BackupSamples.entry(try BackupSamples.webhook("one more"))
        #expect(try Self.words([more, twin]).contains("has the name of another"))
        let short = WebhookSecret(key: try #require(Secret(Bytes([UInt8](repeating: 1, count: 20)))))
        let cut = BackupRecord.webhook(WebhookEntry(try BackupSamples.webhook(), secret: short))
        #expect(try Self.words([cut]).contains("secret has another length"))
    }

    @Test func `networks overlap only where one of the two may`() throws {
        let office = try BackupSamples.tunnel()
        var second = try BackupSamples.tunnel("second", number: 1, address: "10.0.0.129/25")
        let words = try Self.words([Self.tunnel(office), Self.tunnel(second)])
        #expect(words.contains("overlaps 10.0.0.0/24 of \"office\""))
        second.allowOverlap = true
        #expect(try Self.words([Self.tunnel(office), Self.tunnel(second)]) == "")
        let first = BackupSamples.entry(try BackupSamples.peer("first", of: office, "10.0.0.0/28"))
        var peer = try BackupSamples.peer("second", of: office, "10.0.0.2/32")
        #expect(try Self.words([Self.tunnel(office), first, BackupSamples.entry(peer)]).contains("overlaps"))
        peer.allowOverlap = true
        #expect(try Self.words([Self.tunnel(office), first, BackupSamples.entry(peer)]) == "")
    }

    @Test func `a peer has a tunnel, and another key`() throws {
        let office = try BackupSamples.tunnel()
        var peer = try BackupSamples.peer("laptop", of: office)
        #expect(try Self.words([BackupSamples.entry(peer)]).contains("of no tunnel"))
        peer.publicKey = office.publicKey
        #expect(try Self.words([Self.tunnel(office), BackupSamples.entry(peer)]).contains("tunnel's own key"))
    }

    @Test func `an association has what its algorithms need, and its traffic for itself`() throws {
        let association = try BackupSamples.association()
        #expect(try Self.words([BackupSamples.entry(association)]) == "")
        #expect(
            try Self.words([.association(AssociationEntry(association, keys: [:]))]).contains("36 bytes as enc_key_in"))
        var changed = association
        changed.mode = .transport
        changed.localNetworks = try NetworkList("10.0.0.0/24")
        #expect(try Self.words([BackupSamples.entry(changed)]).contains("transport mode"))
        changed = association
        changed.remote = association.local
        #expect(try Self.words([BackupSamples.entry(changed)]).contains("two different ends"))
        var twin = try AssociationRecord.sample("twin", number: 2, remote: "198.51.100.1")
        twin.keys = AssociationKeys()
        let both = [BackupSamples.entry(association), BackupSamples.entry(twin)]
        #expect(try Self.words(both).contains("another one does"))
        var distant = try AssociationRecord.sample("distant", number: 5)
        distant = AssociationRecord(
            id: distant.id, number: try AssociationNumber(0xFF_FFFF), name: distant.name, local: distant.local,
            remote: distant.remote, spiIn: distant.spiIn, spiOut: distant.spiOut, keys: AssociationKeys())
        #expect(try Self.words([BackupSamples.entry(distant)]).contains("number above"))
    }

    @Test func `a hash that costs more than those that are made here is refused`() throws {
        let user = UserRecord(
            id: .random(), name: try Username("eve"),
            passwordHash: PasswordHash(
                stored: PasswordHash.ofNobody.text.replacing("m=65536", with: "m=4194304")), scopes: .admin)
        #expect(try Self.words([.user(UserEntry(user, totp: nil))]).contains("password_hash is no hash"))
    }

    @Test func `the summary comes first and counts right`() throws {
        let tunnel = Self.tunnel(try BackupSamples.tunnel())
        #expect(try Self.words([], summary: tunnel).contains("begin with its summary"))
        #expect(try Self.words([tunnel], summary: BackupSamples.summary([])).contains("does not hold what"))
        #expect(try Self.words([BackupSamples.summary([])]).contains("two summaries"))
    }

    @Test(arguments: [
        #"{"tunnel":{}}"#, #"{"cluster":{}}"#, "[]", "{}", #"{"token":{},"user":{}}"#,
        #"{"token":{"id":"x"}}"#, #"{"webhook":{}}"#,
    ])
    func `a record is read strictly`(text: String) throws {
        #expect(throws: Refusal.self) { try BackupRecord(json: try JSONParser.parse(Bytes(text.utf8))) }
    }
}
