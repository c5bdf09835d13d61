import Wire

/// Many peers that are to be made together: what is in the way of any of them, and the addresses they get.
struct PeerBatch: Sendable {
    /// The most peers of one request.
    static let limit = 10_000

    /// What the request says of each, in its order.
    let peers: [NewPeerFields]
    let tunnel: ObjectID
    /// Of which family the addresses are that it leaves to us; nil for one of each that the tunnel has.
    let family: IPAddress.Family?

    /// What was found out, and until when it holds: until something becomes of the tunnel or its peers.
    struct Outlook: Sendable {
        let tunnel: TunnelRecord
        let allowedIPs: [AllowedIPs]
        /// The last change that was seen.
        let revision: Int64
    }

    /// The tunnel, and the allowed IPs of each peer. Throws one problem with all that is in the way: 422, or 409 if there are
    /// only clashes.
    ///
    /// - Parameter faults: what has been found wrong with the request by itself. Then no addresses are looked for.
    func outlook(in transaction: some StoreTransaction, _ faults: [Problem.Fault] = []) throws -> Outlook {
        let tunnel = try transaction.tunnel(tunnel)
        let wrong =
            faults
            + peers.enumerated().flatMap { index, peer in
                peer.allowedIPs.map { Peers.faults(of: $0, in: tunnel, at: "peers[\(index)].") } ?? []
            }
        let clashes = try clashes(in: transaction, with: tunnel)
        let all = wrong + clashes.map(\.fault)
        guard wrong.isEmpty else { throw Problem.invalid(all) }
        if let first = clashes.first {
            let isOne = clashes.allSatisfy { $0.code == first.code }
            throw Problem(isOne ? first.code : .conflict, Problem.invalid(all).detail, errors: all)
        }
        return Outlook(
            tunnel: tunnel, allowedIPs: try addresses(in: transaction, of: tunnel),
            revision: try transaction.revision())
    }

    // MARK: Clashes

    private struct Found {
        let index: Int
        let code: ProblemCode
        let fault: Problem.Fault

        init(_ index: Int, _ subject: Clash.Subject, _ owner: String) {
            self.index = index
            code = subject.problemCode
            fault = .init(field: "peers[\(index)].\(subject.field)", detail: subject.words(owner: owner))
        }
    }

    /// With the peers that are there, and of each with those before it in the request.
    private func clashes(in transaction: some StoreTransaction, with tunnel: TunnelRecord) throws -> [Found] {
        let proposals = peers.map(\.proposal)
        var found: [Found] = []
        for (index, proposal) in proposals.enumerated() {
            for clash in try transaction.clashes(of: proposal, in: tunnel) {
                found.append(Found(index, clash.subject, clash.owner))
            }
        }
        found += Self.repeats(in: proposals.map { $0.name?.key }, .name)
        found += Self.repeats(in: proposals.map(\.publicKey), .publicKey)
        found += Self.overlaps(in: proposals)
        return found.sorted { $0.index < $1.index }
    }

    private static func repeats<Value: Hashable>(in values: [Value?], _ subject: Clash.Subject) -> [Found] {
        var first: [Value: Int] = [:]
        return values.enumerated().compactMap { index, value in
            guard let value else { return nil }
            guard let other = first[value] else {
                first[value] = index
                return nil
            }
            return Found(index, subject, owner(other))
        }
    }

    private static func overlaps(in proposals: [PeerProposal]) -> [Found] {
        let entries = proposals.enumerated().flatMap { index, proposal in
            (proposal.allowedIPs?.elements ?? []).map { PrefixOverlaps.Entry(owner: index, prefix: $0) }
        }
        return zip(entries, PrefixOverlaps.earlier(than: entries)).compactMap { entry, other in
            guard let other, !proposals[entry.owner].allowOverlap else { return nil }
            return Found(entry.owner, .allowedIPs(own: entry.prefix, other: other.prefix), owner(other.owner))
        }
    }

    /// How a peer of the same request is named.
    private static func owner(_ index: Int) -> String { "peers[\(index)] of this request" }

    // MARK: Addresses

    /// The allowed IPs that are given, and for the others the lowest addresses that are free and that none is given.
    private func addresses(in transaction: some StoreTransaction, of tunnel: TunnelRecord) throws -> [AllowedIPs] {
        let given = peers.map(\.allowedIPs)
        let lacking = given.indices.filter { given[$0] == nil }
        let taken = given.flatMap { $0?.elements ?? [] }
        let families = family.map { [$0] } ?? tunnel.address.families
        let free = try families.map { family in
            let free = try transaction.freeAddresses(lacking.count, in: tunnel, family, besides: taken)
            guard free.count == lacking.count else {
                throw Self.exhausted(tunnel, family, at: lacking[free.count], more: lacking.count - free.count - 1)
            }
            return free
        }
        var next = 0
        return try given.map { given in
            if let given { return given }
            defer { next += 1 }
            return try AllowedIPs(free.map { Prefix(host: $0[next]) })
        }
    }

    private static func exhausted(
        _ tunnel: TunnelRecord, _ family: IPAddress.Family, at index: Int, more: Int
    ) -> Problem {
        let problem = Peers.exhausted(tunnel, family)
        guard problem.errors.first?.field == "allowed_ips" else { return problem }
        let words = "\(problem.detail)\(more > 0 ? " (nor is there one for \(more) more behind it)" : "")"
        return Problem(.poolExhausted, field: "peers[\(index)].allowed_ips", words)
    }
}
