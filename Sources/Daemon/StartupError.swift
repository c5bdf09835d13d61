import Glibc

/// Why the helper can't start, in words for whoever started it; the process ends with ``exitStatus``.
package struct StartupError: Error, Equatable, CustomStringConvertible {
    /// 64 is a wrong command line (EX_USAGE of sysexits.h), 1 anything else.
    package let exitStatus: Int32
    package let description: String

    package init(_ description: String, exitStatus: Int32 = 1) {
        self.description = description
        self.exitStatus = exitStatus
    }

    /// - Parameter code: an errno; its words are added.
    package init(_ doing: String, errno code: Int32) {
        self.init("\(doing): \(words(of: code))")
    }
}

/// The words of an errno, by strerror(3).
package func words(of code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// Passes on what a system call returned unless it failed.
///
/// - Parameter doing: what was tried, in words that stand before the reason.
@discardableResult
package func check(_ result: Int32, _ doing: @autoclosure () -> String) throws(StartupError) -> Int32 {
    guard result >= 0 else { throw StartupError(doing(), errno: errno) }
    return result
}
