import HTTPTypes

/// Which of several forms of an answer the caller wants (RFC 9110, section 12.5.1).
struct Accept: Sendable {
    private let ranges: [(type: Substring, quality: Double)]

    init(_ headers: HTTPFields) {
        ranges = headers[values: .accept].flatMap { $0.lowercased().split(separator: ",") }.map { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            return ((parts.first ?? "")[...], quality ?? 1)
        }
    }

    /// The media type among `types` that is wanted most; of equals the first, which it also is if nothing is said.
    ///
    /// Nil if none of them is wanted: whoever wants a picture must not be sent a private key as text.
    func best(of types: [String]) -> String? {
        guard !ranges.isEmpty else { return types.first }
        var best: (type: String, quality: Double)?
        for type in types {
            let quality = quality(of: type)
            if quality > (best?.quality ?? 0) { best = (type, quality) }
        }
        return best?.type
    }

    /// The most specific range that covers the type decides.
    private func quality(of type: String) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for covering in [type[...], family[...], "*/*"] {
            if let range = ranges.first(where: { $0.type == covering }) { return range.quality }
        }
        return 0
    }
}
