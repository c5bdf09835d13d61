import Wire

/// What an association puts on packets: the words of the API's `protocol`.
enum IPsecProtection: String, Sendable, CaseIterable, Equatable {
    case esp
    case ah
    case espAndAH = "esp+ah"

    /// In the order in which they are put on a packet.
    var protocols: [IPsecProtocol] {
        switch self {
        case .esp: [.esp]
        case .ah: [.ah]
        case .espAndAH: [.esp, .ah]
        }
    }

    /// Whether it needs keys for an HMAC: for AH, and for a cipher that does not authenticate itself.
    func needsAuthentication(with encryption: EncryptionAlgorithm) -> Bool {
        self != .esp || !encryption.isAuthenticated
    }

    var needsEncryption: Bool { self != .ah }
}
