import Testing
import Wire

/// Values of IPsec: what can't be said can't be asked for.
struct IPsecValueTests {
    private static let key = "AAECAwQFBgcICQoLDA0ODw=="

    private func json(_ text: String) throws -> JSON { try JSONParser.parse(Bytes(text.utf8)) }

    private func transform(_ members: [String]) throws -> Transform<SecretFingerprint> {
        var reader = try MemberReader(try json("{\(members.joined(separator: ","))}"), path: "add[0]")
        let transform = try Transform<SecretFingerprint>(reader: &reader)
        try reader.finish()
        return transform
    }

    /// Every way to have or leave out a cipher, an HMAC, and the key of each.
    @Test func `A transform is an AEAD alone, a cipher with an HMAC, or an HMAC alone`() throws {
        let ciphers: [EncryptionAlgorithm?] = [nil] + EncryptionAlgorithm.allCases
        let hashes: [AuthenticationAlgorithm?] = [nil] + AuthenticationAlgorithm.allCases
        for cipher in ciphers {
            for hash in hashes {
                for keys in 0..<4 {
                    let (hasKey, hasHashKey) = (keys & 1 != 0, keys & 2 != 0)
                    let members = [
                        cipher.map { #""encryption":"\#($0.rawValue)""# },
                        hasKey ? #""encryption_key":"\#(Self.key)""# : nil,
                        hash.map { #""authentication":"\#($0.rawValue)""# },
                        hasHashKey ? #""authentication_key":"\#(Self.key)""# : nil,
                    ].compactMap { $0 }
                    let isWhole = hasKey == (cipher != nil) && hasHashKey == (hash != nil)
                    let makesSense =
                        switch (cipher, hash) {
                        case (let cipher?, nil): cipher.isAuthenticated
                        case (let cipher?, _?): !cipher.isAuthenticated
                        case (nil, _?): true
                        case (nil, nil): false
                        }
                    guard isWhole, makesSense else {
                        let refusal = #expect(throws: Refusal.self, "\(members)") { try transform(members) }
                        #expect(refusal?.code == .malformed && refusal?.field?.hasPrefix("add[0].") == true)
                        continue
                    }
                    let read = try transform(members)
                    #expect(JSON.object(MemberWriter(read.add).members) == (try json("{\(members.joined(separator: ","))}")))
                    #expect(read.securityProtocol == (cipher == nil ? .ah : .esp))
                    #expect(read.keyLengths.encryption == cipher?.keyLength)
                    #expect(read.keyLengths.authentication == hash?.keyLength)
                    #expect((read.encryptionKey == nil) == (cipher == nil))
                    #expect((read.authenticationKey == nil) == (hash == nil))
                }
            }
        }
    }

    @Test func `Keys are replaced where there are any, all or none`() throws {
        let fingerprint = try SecretFingerprint(Self.key)
        let sealed = try #require(SealedSecret(bytes: [1]))
        for (transform, replaced): (Transform<SecretFingerprint>, Transform<SealedSecret>) in [
            (.aead(.aes128GCM, fingerprint), .aead(.aes128GCM, sealed)),
            (
                .cipher(.aes256CBC, fingerprint, .hmacSHA384, fingerprint),
                .cipher(.aes256CBC, sealed, .hmacSHA384, sealed)
            ),
            (.authentication(.hmacSHA512, fingerprint), .authentication(.hmacSHA512, sealed)),
        ] {
            #expect(transform.replacingKeys(encryption: sealed, authentication: sealed) == replaced)
            #expect(transform.replacingKeys(encryption: SealedSecret?.none, authentication: nil) == nil)
            let (hasCipher, hasHash) = (transform.encryptionKey != nil, transform.authenticationKey != nil)
            #expect((transform.replacingKeys(encryption: sealed, authentication: nil) == nil) == hasHash)
            #expect((transform.replacingKeys(encryption: nil, authentication: sealed) == nil) == hasCipher)
        }
    }

    @Test(arguments: [1, 7, 0xFF_FFFF] as [UInt32])
    func `An association's number is in its request id`(number: UInt32) throws {
        let value = try AssociationNumber(number)
        #expect(value.reqid == 0xAF00_0000 + number)
        #expect(AssociationNumber(reqid: value.reqid) == value)
    }

    @Test(arguments: [0, 1, 7, 0xFF_FFFF, 0xAF00_0000, 0xAE00_0007, 0xB000_0007, 0x2F00_0007, .max] as [UInt32])
    func `No other request id is ours`(reqid: UInt32) { #expect(AssociationNumber(reqid: reqid) == nil) }

    @Test func `Numbers of IPsec are refused outside their range`() throws {
        for wrong: JSON in [0, 0x100_0000, -1, "1"] {
            #expect(throws: ValueError.self) { try AssociationNumber(json: wrong) }
        }
        #expect(try ReplayWindow(json: 32).rawValue == 32)
        for wrong: JSON in [33, -1, .null] { #expect(throws: ValueError.self) { try ReplayWindow(json: wrong) } }
    }

    @Test(arguments: [
        ("[\"esp\"]", true), ("[\"ah\"]", true), ("[\"esp\",\"ah\"]", true), ("[\"ah\",\"esp\"]", false), ("[]", false),
        ("[\"esp\",\"esp\"]", false), ("[\"esp\",\"ah\",\"ah\"]", false), ("[\"comp\"]", false),
    ])
    func `A policy asks for ESP, AH, or AH on ESP`(protocols: String, isGood: Bool) throws {
        let text = """
            {"number":7,"direction":"out","source":"10.1.0.0/16","destination":"10.2.0.0/16","from":"192.0.2.1",\
            "to":"192.0.2.2","mode":"tunnel","protocols":\(protocols)}
            """
        let policy = try? SecurityPolicy(json: try json(text), path: "")
        #expect((policy != nil) == isGood)
        #expect(policy?.remoteGateway == (isGood ? try IPAddress("192.0.2.2") : nil))
    }

    @Test(arguments: [
        (#"{"number":7,"direction":"in","source":"10.1.0.0/16","destination":"fd00::/64"}"#, "destination"),
        (#"{"number":7,"direction":"fwd","source":"10.1.0.0/16","destination":"10.2.0.0/16"}"#, "direction"),
        (#"{"number":7,"direction":"in","source":"10.1.0.1/16","destination":"10.2.0.0/16"}"#, "source"),
        (#"{"number":0,"direction":"in","source":"10.1.0.0/16","destination":"10.2.0.0/16"}"#, "number"),
    ])
    func `A policy's key has one family, a known direction and networks`(text: String, field: String) throws {
        let refusal = #expect(throws: Refusal.self) { try SecurityPolicyKey(json: try json(text), path: "") }
        #expect(refusal?.field == field)
    }

    @Test func `The far end is the destination of what goes out, and the source of what comes in`() throws {
        let (near, far) = (try Prefix("10.1.0.0/16"), try Prefix("10.2.0.0/16"))
        for direction in SecurityPolicyKey.Direction.allCases {
            let isOut = direction == .out
            let key = SecurityPolicyKey(
                number: try AssociationNumber(7), direction: direction, source: isOut ? near : far,
                destination: isOut ? far : near)
            #expect(key.local == near && key.remote == far)
        }
    }

    @Test func `Lengths of keys are those of the RFCs`() {
        #expect(EncryptionAlgorithm.allCases.map(\.keyLength) == [36, 20, 36, 32])
        #expect(AuthenticationAlgorithm.allCases.map(\.keyLength) == [32, 48, 64])
        #expect(AuthenticationAlgorithm.allCases.map(\.sentBits) == [128, 192, 256])
        #expect(SecretPurpose.ipsecEncryptionKeyIn.lengths == [20, 32, 36])
        #expect(SecretPurpose.ipsecAuthenticationKeyOut.lengths == [32, 48, 64])
        #expect(SecretPurpose.allCases.allSatisfy { $0.lengths.allSatisfy(Secret.lengths.contains) })
    }

    @Test(arguments: [0, 19, 20, 32, 36, 64, 65])
    func `A secret has 20 to 64 bytes, and is never printed`(count: Int) throws {
        func text(_ byte: UInt8) -> String {
            let text = Bytes()
            Bytes([UInt8](repeating: byte, count: count)).withUnsafeBytes { Base64.encode($0, to: text) }
            return String(decoding: text.array, as: UTF8.self)
        }
        let bytes = Bytes([UInt8](repeating: 0x5A, count: count))
        guard (20...64).contains(count) else {
            #expect(Secret(bytes) == nil)
            let error = #expect(throws: ValueError.self) { try Secret(json: .text(text(0x5A))) }
            #expect(error?.description == "must be a key of 20 to 64 bytes in base 64")
            return
        }
        let secret = try Secret(json: .text(text(0x5A)))
        #expect(secret.count == count)
        #expect(secret.base64.array == Array(text(0x5A).utf8))
        #expect("\(secret)" == "(secret)" && String(reflecting: secret) == "(secret)")
        #expect(throws: ValueError.self) { try Secret(json: .text(text(0))) }
    }
}
