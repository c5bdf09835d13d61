import Testing
import Wire

@testable import aifw_privd

@Suite struct `The table of permissions` {
    /// The table as a person would write it; what is not in a row is refused.
    private static let table: [Session.State: Set<Request.Kind>] = [
        .greeting: [.greet],
        .writing: [
            .seal, .reseal, .applyTunnel, .applyPeers, .removeTunnel, .readTunnel, .inventory, .applyRules, .readRules,
            .applyAssociations, .readAssociations,
        ],
        .reading: [.seal, .reseal, .reveal, .readTunnel, .inventory, .readRules, .readAssociations],
    ]

    @Test(arguments: Session.State.allCases, Request.Kind.allCases)
    func `Each request is taken in its states and no other`(state: Session.State, kind: Request.Kind) throws {
        #expect(Permissions.permits(kind, in: state) == (try #require(Self.table[state])).contains(kind))
    }
}
