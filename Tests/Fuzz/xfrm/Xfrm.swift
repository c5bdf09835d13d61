import Glibc
import Wire

@testable import KernelMessages

/// What XFRM answers: security associations with their keys, and policies.
///
/// The input is one datagram that answers question 1. Every message in it is given to both readers.
enum Xfrm {
    static func run(_ input: UnsafeRawBufferPointer) {
        var answer = NetlinkAnswer(sequence: 1)
        var associations: [SecurityAssociationState] = []
        var policies: [SecurityPolicyState] = []
        let progress = answer.take(input) { reply in
            let association = SecurityAssociationState(reply) { key in
                Checks.require(contains(input, key), "a key lies within the datagram")
                Checks.require(lengths.contains(key.count), "a key is whole")
                return fingerprint
            }
            if let association {
                Checks.take()
                Checks.require(AssociationMessages.number(reply) == association.number, "it is the same one's")
                if let made = association.asMade { same(made) }
                associations.append(association)
            }
            if let policy = ListedPolicy(reply) {
                Checks.take()
                if let made = policy.state.asMade { same(made) }
                policies.append(policy.state)
            }
        }
        if case .failed(let number, _) = progress { Checks.require(number > 0, "an error number is positive") }
        reported(associations, policies)
    }

    private static let lengths = Set(
        EncryptionAlgorithm.allCases.map(\.keyLength) + AuthenticationAlgorithm.allCases.map(\.keyLength))

    private static let fingerprint: SecretFingerprint = {
        guard let zeros = SecretFingerprint(bytes: [UInt8](repeating: 0, count: 16)) else {
            Checks.fail("a fingerprint has 16 bytes")
        }
        return zeros
    }()

    private static func contains(_ whole: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer) -> Bool {
        guard let start = whole.baseAddress, let first = part.baseAddress else { return part.isEmpty }
        return first >= start && first + part.count <= start + whole.count
    }

    // MARK: What is as we make it is written to what is read the same

    private static func reread<Value>(
        _ message: NetlinkMessage, type: Int, _ read: (NetlinkReply) -> Value?
    ) -> Value? {
        withExtendedLifetime(message) {
            read(NetlinkReply(type: type, payload: UnsafeRawBufferPointer(rebasing: message.bytes.dropFirst(16))))
        }
    }

    private static func same(_ association: SecurityAssociation<SecretFingerprint>) {
        let counts = association.transform.keyLengths
        func key(_ count: Int?) -> Secret? { count.flatMap { Secret(Bytes([UInt8](repeating: 1, count: $0))) } }
        let message = AssociationMessages.add(
            association, encryption: key(counts.encryption), authentication: key(counts.authentication))
        let again = reread(message, type: 16) { SecurityAssociationState($0) { _ in fingerprint } }
        Checks.require(again?.asMade == association, "an association stays the same")
    }

    private static func same(_ policy: SecurityPolicy) {
        let again = reread(PolicyMessages.add(policy), type: 19) { ListedPolicy($0) }
        Checks.require(again?.state.asMade == policy, "a policy stays the same")
    }

    /// What was read reaches the API daemon as it was.
    private static func reported(_ associations: [SecurityAssociationState], _ policies: [SecurityPolicyState]) {
        let answer = ReadAssociations.Answer(associations: associations, policies: policies, more: false)
        let frame = Checks.must("a reading is written") { try Reply<ReadAssociations>.answer(answer).frame() }
        let reply = Checks.must("a written reading is read") {
            try Reply<ReadAssociations>(frame: frame.withUnsafeBytes { Bytes($0.dropFirst(Frame.headerLength)) })
        }
        guard case .answer(let again) = reply else { Checks.fail("a reading is an answer") }
        Checks.require(again.policies == policies, "policies that were reported are the same")
        Checks.require(again.associations.count == associations.count, "no association is lost")
        for (left, right) in zip(associations, again.associations) {
            // Counters are held at the most that a number of JSON has.
            let largest = max(left.bytes, left.packets, left.addedAt, left.usedAt)
            Checks.require(
                right == left || largest > UInt64(Int64.max), "an association that was reported is the same")
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    Xfrm.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
