import Wire

/// A moment: milliseconds since 1970 UTC, from 1970 to 9999.
///
/// Read from RFC 3339 with any offset, written in UTC, with a fraction only where there is one, so that a time that was given
/// comes back as it was given.
struct Timestamp: TextValue, Comparable {
    let milliseconds: Int64

    /// The end of 9999, the last year that RFC 3339 can write.
    static let limit: Int64 = 253_402_300_799_999

    /// Held within what can be written.
    init(milliseconds: Int64) { self.milliseconds = min(max(milliseconds, 0), Self.limit) }

    init(_ text: String) throws(ValueError) {
        guard let value = Self.parse(Array(text.utf8)), (0...Self.limit).contains(value) else {
            throw ValueError("must be a time of RFC 3339 such as 2027-01-31T18:00:00Z, not \(text.quoted)")
        }
        milliseconds = value
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    var description: String {
        let (days, inDay) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let fraction = inDay % 1000 == 0 ? "" : ".\(padded(inDay % 1000, 3))"
        return "\(padded(year, 4))-\(two(month))-\(two(day))T\(two(inDay / 3_600_000)):\(two(inDay / 60_000 % 60)):"
            + "\(two(inDay / 1000 % 60))\(fraction)Z"
    }

    /// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; digits behind the millisecond are cut off, leap seconds refused.
    private static func parse(_ text: [UInt8]) -> Int64? {
        func number(_ range: Range<Int>, _ allowed: ClosedRange<Int64>) -> Int64? {
            guard range.upperBound <= text.count, text[range].allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            let value = text[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            return allowed.contains(value) ? value : nil
        }
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] | 0x20 == UInt8(ascii: "t"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let year = number(0..<4, 1969...9999), let month = number(5..<7, 1...12),
            let day = number(8..<10, 1...daysIn(month, of: year)), let hour = number(11..<13, 0...23),
            let minute = number(14..<16, 0...59), let second = number(17..<19, 0...59)
        else { return nil }
        var end = 19
        var fraction: Int64 = 0
        if text[end] == UInt8(ascii: ".") {
            let digits = text[(end + 1)...].prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            fraction = (Array(digits) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            end = digits.endIndex
        }
        guard end < text.count else { return nil }
        var offset: Int64 = 0
        switch text[end] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard text.count == end + 1 else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard text.count == end + 6, text[end + 3] == UInt8(ascii: ":"),
                let hours = number((end + 1)..<(end + 3), 0...23), let minutes = number((end + 4)..<(end + 6), 0...59)
            else { return nil }
            offset = (hours * 60 + minutes) * (text[end] == UInt8(ascii: "-") ? -60_000 : 60_000)
        default: return nil
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return seconds * 1000 + fraction - offset
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Days are counted in years that begin in March, so that the leap day is the last of its year, and from the start of
    // a 400-year cycle, which the calendar repeats: 719468 days lie between 0000-03-01 and 1970-01-01.

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let yearOfEra = shifted % 400
        return shifted / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = shifted / 146_097 * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
