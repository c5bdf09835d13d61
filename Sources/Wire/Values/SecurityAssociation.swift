/// A security association: what is done to packets one way (RFC 4301, section 4.1). Two of them, or four for ESP and AH
/// together, are what the API calls an association.
///
/// - Parameter Key: ``SealedSecret`` where it is to be made, ``SecretFingerprint`` where it was read.
public struct SecurityAssociation<Key: TextValue>: Sendable, Equatable {
    /// Whose it is.
    public let number: AssociationNumber
    public let source: IPAddress
    public let destination: IPAddress
    public let spi: SPI
    public let mode: IPsecMode
    public let transform: Transform<Key>
    public let replayWindow: ReplayWindow

    public init(
        number: AssociationNumber, source: IPAddress, destination: IPAddress, spi: SPI, mode: IPsecMode,
        transform: Transform<Key>, replayWindow: ReplayWindow
    ) {
        self.number = number
        self.source = source
        self.destination = destination
        self.spi = spi
        self.mode = mode
        self.transform = transform
        self.replayWindow = replayWindow
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        number = try reader.required("number")
        source = try reader.required("source")
        destination = try reader.required("destination")
        guard source.family == destination.family else {
            throw Refusal(.malformed, "must be of the family of source", field: reader.path("destination"))
        }
        spi = try reader.required("spi")
        mode = try reader.required("mode")
        transform = try Transform(reader: &reader)
        replayWindow = try reader.required("replay_window")
    }

    public func add(to writer: inout MemberWriter) {
        writer.add("number", number)
        writer.add("source", source)
        writer.add("destination", destination)
        writer.add("spi", spi)
        writer.add("mode", mode)
        transform.add(to: &writer)
        writer.add("replay_window", replayWindow)
    }

    /// The same with other keys; nil if one is missing.
    public func replacingKeys<Other>(encryption: Other?, authentication: Other?) -> SecurityAssociation<Other>? {
        transform.replacingKeys(encryption: encryption, authentication: authentication).map {
            SecurityAssociation<Other>(
                number: number, source: source, destination: destination, spi: spi, mode: mode, transform: $0,
                replayWindow: replayWindow)
        }
    }

    /// What the kernel finds it by.
    public var key: SecurityAssociationKey {
        SecurityAssociationKey(
            number: number, destination: destination, spi: spi, securityProtocol: transform.securityProtocol)
    }
}

/// What the kernel finds a security association by: destination, SPI and protocol (RFC 4301, section 4.1), and whose it must
/// be.
public struct SecurityAssociationKey: Message, Hashable {
    public let number: AssociationNumber
    public let destination: IPAddress
    public let spi: SPI
    public let securityProtocol: IPsecProtocol

    public init(number: AssociationNumber, destination: IPAddress, spi: SPI, securityProtocol: IPsecProtocol) {
        self.number = number
        self.destination = destination
        self.spi = spi
        self.securityProtocol = securityProtocol
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        number = try reader.required("number")
        destination = try reader.required("destination")
        spi = try reader.required("spi")
        securityProtocol = try reader.required("protocol")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("number", number)
            writer.add("destination", destination)
            writer.add("spi", spi)
            writer.add("protocol", securityProtocol)
        }.members
    }
}
