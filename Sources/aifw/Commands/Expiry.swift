internal import ArgumentParser
internal import Glibc

/// A time at which something ends, as the user gives it: RFC 3339, or a span from now such as `90m`, `12h`, `30d`.
struct Expiry: ExpressibleByArgument {
    /// In RFC 3339; what the user typed in that form is the API's to judge.
    let time: String

    init?(argument: String) {
        self.init(argument, now: Glibc.time(nil))
    }

    /// Nil for a span that is not from 1 to 99,999 minutes, hours or days, and for what is neither span nor date.
    ///
    /// - Parameter now: seconds since 1970.
    init?(_ text: String, now: time_t) {
        let units: [Character: Int] = ["m": 60, "h": 3600, "d": 86_400]
        guard let last = text.last, let unit = units[last] else {
            guard text.utf8.count >= 10, text.first?.isNumber == true else { return nil }
            time = text
            return
        }
        let digits = text.dropLast()
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(digits), count > 0
        else { return nil }
        var end = now + count * unit
        var date = tm()
        gmtime_r(&end, &date)
        let parts = [date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec]
            .map { ($0 < 10 ? "0" : "") + String($0) }
        time = "\(date.tm_year + 1900)-\(parts[0])-\(parts[1])T\(parts[2]):\(parts[3]):\(parts[4])Z"
    }
}
