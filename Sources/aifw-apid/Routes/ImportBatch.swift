import Wire

/// Tunnels that are to be made together out of files: what is in the way of any of them, and which interfaces and ports those
/// get that ask for none.
struct ImportBatch: Sendable {
    let tunnels: [ImportedTunnel]
    /// Interfaces named like ours that somebody else has made.
    let foreign: Set<TunnelInterface>

    /// Something that one tunnel wants and another has.
    private struct Found {
        let code: ProblemCode
        /// Whether the other one is there already; else it is in the same request.
        let isThere: Bool
        let fault: Problem.Fault
    }

    /// The records as they would be stored, with what ``ImportedTunnel`` has in the place of sealed keys. Throws one problem
    /// with all that is in the way: 422, or 409 if there are only clashes with what is there.
    ///
    /// - Parameter faults: what has been found wrong with the files by themselves.
    func records(in transaction: some StoreTransaction, _ faults: [Problem.Fault] = []) throws -> [TunnelRecord] {
        let records = try assigned(in: transaction)
        let found = try clashes(of: records, in: transaction)
        let all = faults + found.map(\.fault)
        guard faults.isEmpty, found.allSatisfy(\.isThere) else { throw Problem.invalid(Self.cut(all)) }
        if let first = found.first {
            let isOne = found.allSatisfy { $0.code == first.code }
            throw Problem(isOne ? first.code : .conflict, Problem.invalid(all).detail, errors: Self.cut(all))
        }
        return records
    }

    /// How many faults are told of one request.
    private static let faultLimit = 200

    private static func cut(_ faults: [Problem.Fault]) -> [Problem.Fault] {
        let more = faults.count - faultLimit
        guard more > 0 else { return faults }
        return faults.prefix(faultLimit) + [.init(field: "", detail: "and \(more) more faults")]
    }

    // MARK: What is free

    /// Gives each an interface and a port: those that were asked for, then the one that the file is named after if it is
    /// free, then the next free ones.
    private func assigned(in transaction: some StoreTransaction) throws -> [TunnelRecord] {
        let there = try transaction.tunnels()
        var interfaces = Set(there.map(\.interface)).union(foreign)
        var ports = Set(there.map(\.listenPort))
        interfaces.formUnion(tunnels.compactMap(\.source.interface))
        ports.formUnion(tunnels.compactMap(\.file.listenPort?.value))
        let preferred = tunnels.map { tunnel -> TunnelInterface? in
            if let interface = tunnel.source.interface { return interface }
            guard let named = tunnel.source.preferredInterface, interfaces.insert(named).inserted else { return nil }
            return named
        }
        var numbers = (0..<TunnelInterface.count).makeIterator()
        var portNumbers = (Self.firstPort...Port.range.upperBound).makeIterator()
        return try zip(tunnels, preferred).map { tunnel, interface in
            let free =
                interface
                ?? Self.next(&numbers) { (number) in
                    guard let next = try? TunnelInterface(number: number) else { return nil }
                    return interfaces.contains(next) ? nil : next
                }
            guard let free else {
                throw Problem(.interfaceInUse, field: "interface", "all of wg0 to wg9999 are in use")
            }
            let port =
                tunnel.file.listenPort?.value
                ?? Self.next(&portNumbers) { number in
                    let next = Port(validated: number)
                    return ports.contains(next) ? nil : next
                }
            guard let port else {
                throw Problem(.portInUse, field: "listen_port", "all ports from \(Self.firstPort) on are in use")
            }
            return try tunnel.record(on: free, port, at: transaction.now)
        }
    }

    private static let firstPort: UInt16 = 51820

    private static func next<Numbers: IteratorProtocol, Value>(
        _ numbers: inout Numbers, _ free: (Numbers.Element) -> Value?
    ) -> Value? {
        while let number = numbers.next() {
            if let value = free(number) { return value }
        }
        return nil
    }

    // MARK: Clashes

    private func clashes(of records: [TunnelRecord], in transaction: some StoreTransaction) throws -> [Found] {
        var found: [Found] = []
        for (tunnel, record) in zip(tunnels, records) {
            if foreign.contains(record.interface) {
                let words = "\(record.interface) is on this host already, and not AiFw's"
                let fault = Problem.Fault(field: tunnel.source.interfaceField, detail: words)
                found.append(Found(code: .interfaceInUse, isThere: true, fault: fault))
            }
            for clash in try transaction.clashes(of: record) {
                let fault = tunnel.fault(clash.subject, clash.description)
                found.append(Found(code: clash.subject.problemCode, isThere: true, fault: fault))
            }
        }
        return found + repeats(in: records)
    }

    /// What two of the request would have in common.
    private func repeats(in records: [TunnelRecord]) -> [Found] {
        var found: [Found] = []
        func look<Value: Hashable>(_ subject: Clash.Subject, _ value: (TunnelRecord) -> Value) {
            var first: [Value: Int] = [:]
            for (index, record) in records.enumerated() {
                guard let other = first.updateValue(index, forKey: value(record)) else { continue }
                add(subject, index, other)
            }
        }
        func add(_ subject: Clash.Subject, _ index: Int, _ other: Int) {
            let words = subject.words(owner: "\(tunnels[other].source.place) of this request")
            let fault = tunnels[index].fault(subject, words)
            found.append(Found(code: subject.problemCode, isThere: false, fault: fault))
        }
        look(.name) { $0.name }
        look(.interface) { $0.interface }
        look(.listenPort) { $0.listenPort }
        look(.publicKey) { $0.publicKey }
        let entries = records.enumerated().flatMap { index, record in
            record.address.networks.map { PrefixOverlaps.Entry(owner: index, prefix: $0) }
        }
        for (entry, other) in zip(entries, PrefixOverlaps.earlier(than: entries)) {
            guard let other else { continue }
            add(.address(own: entry.prefix, other: other.prefix), entry.owner, other.owner)
        }
        return found
    }
}
