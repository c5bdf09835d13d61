import Wire

/// Gives out names of configuration files, none of them twice: not even where upper and lower case are one.
///
/// `laptop.conf`, `laptop-2.conf`: what wg-quick(8) takes for an interface's name keeps its 15 characters.
struct UniqueFileNames {
    private static let limit = 15

    private var taken: Set<String> = []
    /// The last number that a stem was given, so that many of one name are numbered without a search.
    private var numbers: [String: Int] = [:]

    mutating func next(for name: ObjectName) -> String {
        let stem = ConfigurationFileName(name).stem
        var unique = stem
        var number = numbers[stem.lowercased()] ?? 1
        while !taken.insert(unique.lowercased()).inserted {
            number += 1
            let suffix = "-\(number)"
            unique = stem.prefix(Self.limit - suffix.count) + suffix
        }
        numbers[stem.lowercased()] = number
        return "\(unique).conf"
    }
}
