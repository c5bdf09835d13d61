import Wire

/// Finds the two SPIs of an association: given ones must be free, in the database and on the host; others are drawn by lot.
struct SPIChoice: Sendable {
    /// How often a pair is drawn. Of 2^32 few are taken: what is taken this often is not taken by chance.
    static let attempts = 16

    let plane: ControlPlane
    var draw: @Sendable () -> SPI = { SPI(validated: .random(in: SPI.range)) }

    /// What an SPI must be free for.
    struct Place: Sendable {
        let local: IPAddress
        let remote: IPAddress
        let protocols: [IPsecProtocol]
        /// The association itself, whose own are free for it; nil for a new one.
        let own: AssociationRecord?
    }

    /// - Parameters:
    ///   - given: what is asked for, or stays; nil to be drawn.
    /// - Throws: 409 with every SPI that is taken, and by whom.
    func choose(in given: SPI?, out: SPI?, for place: Place) async throws -> (in: SPI, out: SPI) {
        for _ in 0..<Self.attempts {
            let pair = (in: given ?? draw(), out: out ?? draw())
            let taken = try await holders(of: pair, for: place)
            guard !taken.isEmpty else { return pair }
            let faults = taken.filter { $0.direction == .in ? given != nil : out != nil }.map { holder in
                Problem.Fault(field: "spi_\(holder.direction.rawValue)", detail: "is in use \(holder.words)")
            }
            guard faults.isEmpty else {
                throw Problem(
                    .spiInUse, faults.map { "\($0.field) \($0.detail)" }.joined(separator: "; "), errors: faults)
            }
        }
        throw Problem(.spiInUse, "No free SPI was found: \(Self.attempts) that were drawn by lot are all in use.")
    }

    private typealias Holder = (direction: TrafficDirection, words: String)

    private func holders(of pair: (in: SPI, out: SPI), for place: Place) async throws -> [Holder] {
        let (incoming, outgoing, own) = (pair.in, pair.out, place.own?.id)
        var holders = try await plane.store.read { transaction -> [Holder] in
            let there = [
                (TrafficDirection.in, try transaction.holder(ofIncoming: incoming, besides: own)),
                (.out, try transaction.holder(ofOutgoing: outgoing, to: place.remote, besides: own)),
            ]
            return there.compactMap { direction, object in
                object.map { (direction, "by association \"\($0.name)\" (\($0.id))") }
            }
        }
        for state in try await plane.reader.read(ReadAssociations(only: keys(of: pair, for: place))).all {
            let direction: TrafficDirection = state.destination == place.local ? .in : .out
            guard !holders.contains(where: { $0.direction == direction }),
                state.number == nil || state.number != place.own?.number
            else { continue }
            holders.append((direction, "on this host, by \(state.number == nil ? "somebody else" : "AiFw itself")"))
        }
        return holders
    }

    /// Their numbers are not compared.
    private func keys(of pair: (in: SPI, out: SPI), for place: Place) -> ReadAssociations.Keys {
        let number = place.own?.number ?? AssociationNumber(validated: 1)
        return ReadAssociations.Keys(
            associations: place.protocols.flatMap { securityProtocol in
                [(place.local, pair.in), (place.remote, pair.out)].map { destination, spi in
                    SecurityAssociationKey(
                        number: number, destination: destination, spi: spi, securityProtocol: securityProtocol)
                }
            })
    }
}

extension ActualAssociations {
    /// Ours and others'.
    fileprivate var all: [SecurityAssociationState] { Array(associations.values) + foreign }
}
