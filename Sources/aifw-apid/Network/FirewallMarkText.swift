import Wire

/// A firewall mark as a request may write it: a number, or text in decimal or, with `0x` before it, in hexadecimal, as
/// wg(8) takes it.
struct FirewallMarkText: WireValue, Equatable {
    let mark: FirewallMark

    init(json: JSON) throws(ValueError) {
        guard let text = json.text else {
            mark = try FirewallMark(json: json)
            return
        }
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        // Swift takes a sign before the digits; a mark has none.
        guard digits.first != "+", digits.first != "-", let value = UInt32(digits, radix: isHexadecimal ? 16 : 10)
        else {
            throw ValueError("must be a number from 0 to 4294967295, or such a number as 0x text, not \(text.quoted)")
        }
        mark = FirewallMark(validated: value)
    }

    var json: JSON { mark.json }
}
