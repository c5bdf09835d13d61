/// Numbers as a person reads them.
enum Amounts {
    /// A count of bytes with three digits at most: `0 B`, `987 B`, `1.5 KiB`, `12.3 MiB`, `640 GiB`.
    static func bytes(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(count) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var tenths = Double(count) / 102.4
        var unit = 0
        while tenths.rounded() >= 10_000, unit < units.count - 1 {
            tenths /= 1024
            unit += 1
        }
        let rounded = Int64(tenths.rounded())
        let number = rounded >= 1000 ? "\((rounded + 5) / 10)" : "\(rounded / 10).\(rounded % 10)"
        return "\(number) \(units[unit])"
    }

    /// How long ago something was, in its largest whole unit: `12 s ago`, `3 min ago`, `5 h ago`, `9 d ago`; below
    /// zero, as the API says it: `never`.
    static func age(seconds: Int64) -> String {
        switch seconds {
        case ..<0: "never"
        case ..<60: "\(seconds) s ago"
        case ..<3600: "\(seconds / 60) min ago"
        case ..<86_400: "\(seconds / 3600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }
}
