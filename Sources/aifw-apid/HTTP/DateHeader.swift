import Glibc
import Synchronization

/// The `Date` header (RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`), formatted once a second.
final class DateHeader: Sendable {
    private struct Formatted {
        var second: time_t
        var text: String
    }

    private let last = Mutex(Formatted(second: -1, text: ""))

    var value: String {
        let now = time(nil)
        return last.withLock { last in
            if last.second != now { last = Formatted(second: now, text: Self.format(now)) }
            return last.text
        }
    }

    static func format(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let (day, month) = (days[Int(parts.tm_wday)], months[Int(parts.tm_mon)])
        return "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
