/// Amounts over time as one line of text, a character for some of them: the highest is the greatest sum.
struct Sparkline {
    /// What one character stands for; nil where none of its amounts is known.
    let sums: [Int64?]

    /// - Parameter size: how many amounts a character stands for.
    init(_ amounts: [Int64?], size: Int) {
        sums = stride(from: 0, to: amounts.count, by: size).map { start in
            amounts[start..<min(start + size, amounts.count)].reduce(nil) { sum, amount in
                guard let amount else { return sum }
                return (sum ?? 0) &+ amount
            }
        }
    }

    var most: Int64 { sums.lazy.compactMap(\.self).max() ?? 0 }

    /// `·` for what is not known, `_` for nothing, and eight heights.
    var text: String {
        let heights = Array("▁▂▃▄▅▆▇█")
        let most = Double(max(most, 1))
        return String(
            sums.map { sum in
                guard let sum else { return "·" }
                guard sum > 0 else { return "_" }
                return heights[min(Int(Double(sum) / most * Double(heights.count)), heights.count - 1)]
            })
    }
}
