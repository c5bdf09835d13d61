import CLinux
import Testing
import Wire

@testable import KernelMessages

/// Associations and policies that the tests of XFRM use, and messages as if the kernel had sent them.
enum XfrmSamples {
    static let number = AssociationNumber(validated: 7)

    static let transforms: [Transform<SecretFingerprint>] = {
        let ciphers = EncryptionAlgorithm.allCases.flatMap { cipher in
            cipher.isAuthenticated
                ? [Transform.aead(cipher, fingerprint(1))]
                : AuthenticationAlgorithm.allCases.map { .cipher(cipher, fingerprint(1), $0, fingerprint(2)) }
        }
        return ciphers + AuthenticationAlgorithm.allCases.map { .authentication($0, fingerprint(2)) }
    }()

    /// What ``plainFingerprint(_:)`` makes of a key of that byte.
    static func fingerprint(_ byte: UInt8) -> SecretFingerprint {
        [UInt8](repeating: byte, count: 16).withUnsafeBytes(plainFingerprint)
    }

    static func secret(_ byte: UInt8, _ count: Int?) -> Secret? {
        count.flatMap { Secret(Bytes([UInt8](repeating: byte, count: $0))) }
    }

    static func association(
        _ transform: Transform<SecretFingerprint>, _ mode: IPsecMode = .tunnel, _ family: IPAddress.Family = .v4,
        replayWindow: UInt8 = 0
    ) throws -> SecurityAssociation<SecretFingerprint> {
        SecurityAssociation(
            number: number, source: try IPAddress(family == .v4 ? "198.51.100.1" : "2001:db8:1::1"),
            destination: try IPAddress(family == .v4 ? "203.0.113.2" : "2001:db8:2::2"), spi: try SPI(0x1234_5678),
            mode: mode, transform: transform, replayWindow: ReplayWindow(validated: replayWindow))
    }

    static func add(_ association: SecurityAssociation<SecretFingerprint>) -> NetlinkMessage {
        let lengths = association.transform.keyLengths
        return AssociationMessages.add(
            association, encryption: secret(1, lengths.encryption), authentication: secret(2, lengths.authentication))
    }

    static func policy(
        _ source: String, _ destination: String, _ direction: SecurityPolicyKey.Direction = .out,
        _ mode: IPsecMode = .tunnel, _ protocols: [IPsecProtocol] = [.esp], gateways: IPAddress.Family = .v4
    ) throws -> SecurityPolicy {
        SecurityPolicy(
            key: SecurityPolicyKey(
                number: number, direction: direction, source: try Prefix(source), destination: try Prefix(destination)),
            from: try IPAddress(gateways == .v4 ? "198.51.100.1" : "2001:db8:1::1"),
            to: try IPAddress(gateways == .v4 ? "203.0.113.2" : "2001:db8:2::2"), mode: mode, protocols: protocols)
    }

    /// All behind the header of a message.
    static func payload(_ message: NetlinkMessage) -> [UInt8] { Array(message.bytes.dropFirst(16)) }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    static func attribute(_ type: xfrm_attr_type_t, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt16(4 + payload.count)) + bytes(UInt16(type.rawValue)) + payload + zeros((4 - payload.count % 4) % 4)
    }

    /// Reads it from memory of exactly that size: the sanitizer sees a read beyond it.
    static func association(_ payload: [UInt8], type: Int = XFRM_MSG_NEWSA) -> SecurityAssociationState? {
        payload.withUnsafeBytes {
            SecurityAssociationState(NetlinkReply(type: type, payload: $0), fingerprint: plainFingerprint)
        }
    }

    static func policy(_ payload: [UInt8], type: Int = XFRM_MSG_NEWPOLICY) -> ListedPolicy? {
        payload.withUnsafeBytes { ListedPolicy(NetlinkReply(type: type, payload: $0)) }
    }
}
