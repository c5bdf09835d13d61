import HTTPTypes

/// Which codings of an answer the caller takes (RFC 9110, section 12.5.3).
///
/// A field that is not as the RFC has it says nothing: whoever sends it gets the content as it is.
struct AcceptEncoding: Sendable {
    /// In thousandths.
    private let weights: [(coding: String, weight: Int)]

    init(_ headers: HTTPFields) {
        var weights: [(coding: String, weight: Int)] = []
        // The parts of a list may be empty.
        for part in headers[values: .acceptEncoding].flatMap({ $0.lowercased().split(separator: ",") }) {
            let part = Self.trimmed(part)
            guard !part.isEmpty else { continue }
            guard let (coding, weight) = Self.coding(part) else {
                self.weights = []
                return
            }
            weights.append((coding, weight))
        }
        self.weights = weights
    }

    /// Whether gzip is taken, and no less gladly than the content as it is.
    var takesGzip: Bool {
        let any = weight(of: "*")
        let gzip = weight(of: "gzip") ?? weight(of: "x-gzip") ?? any ?? 0
        // What is not named is taken too, but need not be preferred.
        return gzip > 0 && gzip >= weight(of: "identity") ?? any ?? 0
    }

    private func weight(of coding: String) -> Int? { weights.first { $0.coding == coding }?.weight }

    /// `gzip`, `gzip;q=0.5`; nil for anything else.
    private static func coding(_ part: Substring) -> (String, Int)? {
        let pieces = part.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        // A coding is a token, as the name of a field is.
        guard pieces.count <= 2, HTTPField.Name(String(pieces[0])) != nil else { return nil }
        guard pieces.count == 2 else { return (String(pieces[0]), 1000) }
        guard pieces[1].hasPrefix("q="), let weight = thousandths(pieces[1].dropFirst(2)) else { return nil }
        return (String(pieces[0]), weight)
    }

    /// `0`, `0.25`, `1.000`: from 0 to 1, with at most three digits behind the point (section 12.4.2).
    private static func thousandths(_ text: Substring) -> Int? {
        let digits = Array(text.utf8)
        guard let whole = digits.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits[1] == UInt8(ascii: ".")
        else { return nil }
        var value = whole == UInt8(ascii: "1") ? 1000 : 0
        for (digit, worth) in zip(digits.dropFirst(2), [100, 10, 1]) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value += Int(digit - UInt8(ascii: "0")) * worth
        }
        return value <= 1000 ? value : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
