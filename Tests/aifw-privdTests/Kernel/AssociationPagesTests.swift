import Testing
import Wire

@testable import aifw_privd

/// How a reading of associations is divided into frames.
struct AssociationPagesTests {
    /// The longest that there can be.
    private func association() throws -> SecurityAssociationState {
        let fingerprint = try #require(SecretFingerprint(bytes: [UInt8](repeating: 0xFB, count: 16)))
        let address = IPAddress(.v6, bits: .max)
        let made = SecurityAssociation(
            number: AssociationNumber(validated: 0xFF_FFFF), source: address, destination: address,
            spi: SPI(validated: .max), mode: .transport,
            transform: .cipher(.chacha20Poly1305, fingerprint, .hmacSHA512, fingerprint),
            replayWindow: ReplayWindow(validated: 32))
        return SecurityAssociationState(
            number: made.number, source: address, destination: address, spi: made.spi, securityProtocol: .esp,
            asMade: made, bytes: .max, packets: .max, addedAt: .max, usedAt: .max, outsideWindow: .max, repeated: .max,
            unauthentic: .max)
    }

    private func policy() -> SecurityPolicyState {
        let address = IPAddress(.v6, bits: .max)
        let key = SecurityPolicyKey(
            number: AssociationNumber(validated: 0xFF_FFFF), direction: .forward, source: Prefix(host: address),
            destination: Prefix(host: address))
        return SecurityPolicyState(
            key: key,
            asMade: SecurityPolicy(key: key, from: address, to: address, mode: .transport, protocols: [.esp, .ah]))
    }

    @Test(arguments: [(0, 0), (1, 0), (0, 1), (64, 0), (63, 1), (65, 0), (40, 40), (64, 64), (2_000, 6_000)])
    func `every page fits and is about as large as agreed, and only the last ends`(
        associations: Int, policies: Int
    ) throws {
        var pages = AssociationPages()
        var answers: [ReadAssociations.Answer] = []
        let (association, policy) = (try association(), policy())
        for _ in 0..<associations { if let full = pages.add(association) { answers.append(full) } }
        for _ in 0..<policies { if let full = pages.add(policy) { answers.append(full) } }
        answers.append(pages.last())
        #expect(answers.map(\.more) == answers.indices.map { $0 < answers.count - 1 })
        #expect(answers.reduce(0) { $0 + $1.associations.count } == associations)
        #expect(answers.reduce(0) { $0 + $1.policies.count } == policies)
        #expect(
            answers.count == max(1, (associations + policies + AssociationPages.count - 1) / AssociationPages.count))
        for answer in [answers.first, answers.last].compactMap({ $0 }) {
            let size = try Reply<ReadAssociations>.answer(answer).frame().count
            #expect(size <= ReadAssociations.pageSize)
            #expect(!answer.more || size > ReadAssociations.pageSize / 3)
        }
    }
}
