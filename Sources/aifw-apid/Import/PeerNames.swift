import Wire

/// Gives the peers of a file their names: what a comment calls them, else `peer 1`; none of them twice.
struct PeerNames {
    /// How much of a name is kept where a number has to go behind it.
    private static let stemLimit = ObjectName.limit - 6

    private var taken: Set<ObjectName> = []
    /// The last number that a name was given, so that many of one name are numbered without a search.
    private var numbers: [String: Int] = [:]

    /// - Parameter number: the peer's place in the file, from 1.
    mutating func name(from comments: PeerComments, number: Int) -> ObjectName {
        let stem = comments.candidates.first ?? "peer \(number)"
        if let name = try? ObjectName(stem), taken.insert(name).inserted { return name }
        let kept = String(String.UnicodeScalarView(stem.unicodeScalars.prefix(Self.stemLimit)))
        var count = numbers[kept] ?? 1
        while true {
            count += 1
            guard let name = try? ObjectName("\(kept) \(count)") else { continue }
            guard taken.insert(name).inserted else { continue }
            numbers[kept] = count
            return name
        }
    }
}
