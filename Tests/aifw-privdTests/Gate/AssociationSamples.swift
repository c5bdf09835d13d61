import Testing
import Wire

@testable import aifw_privd

/// Associations and policies for tests of the gate and of the kernel.
enum AssociationSamples {
    static let object = Samples.object

    static func association<Key>(
        _ transform: Transform<Key>, number: UInt32 = 7, from source: String = "198.51.100.1",
        to destination: String = "203.0.113.2", spi: UInt32 = 0x1234_5678, mode: IPsecMode = .tunnel,
        replayWindow: UInt8 = 0
    ) throws -> SecurityAssociation<Key> {
        SecurityAssociation(
            number: try AssociationNumber(number), source: try IPAddress(source),
            destination: try IPAddress(destination), spi: try SPI(spi), mode: mode, transform: transform,
            replayWindow: try ReplayWindow(replayWindow))
    }

    /// What protects traffic from `source` to `destination`; the near gateway is 198.51.100.1, if not said otherwise.
    static func policy(
        _ direction: SecurityPolicyKey.Direction, _ source: String, _ destination: String, number: UInt32 = 7,
        from: String? = nil, to: String? = nil, mode: IPsecMode = .tunnel, protocols: [IPsecProtocol] = [.esp]
    ) throws -> SecurityPolicy {
        let (near, far) = ("198.51.100.1", "203.0.113.2")
        return SecurityPolicy(
            key: SecurityPolicyKey(
                number: try AssociationNumber(number), direction: direction, source: try Prefix(source),
                destination: try Prefix(destination)),
            from: try IPAddress(from ?? (direction == .out ? near : far)),
            to: try IPAddress(to ?? (direction == .out ? far : near)), mode: mode, protocols: protocols)
    }

    static func refusal(_ body: () throws(Refusal) -> Void) -> Refusal? {
        do throws(Refusal) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
