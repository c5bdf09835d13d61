import CCap
import Glibc

/// The capability sets of this process, by libcap; capabilities by their numbers (linux/capability.h).
enum Capabilities {
    /// What the process may make effective.
    static var permitted: [Int32] { all.filter(isPermitted) }

    /// What a program that it executes could gain at most.
    static var bounding: [Int32] { all.filter { cap_get_bound($0) == 1 } }

    /// Those that the kernel knows.
    private static var all: [Int32] { (0..<Int32(cap_max_bits())).map { $0 } }

    static func isPermitted(_ capability: Int32) -> Bool {
        guard let sets = cap_get_proc() else { return false }
        defer { cap_free(UnsafeMutableRawPointer(sets)) }
        var value = CAP_CLEAR
        return cap_get_flag(sets, capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET
    }

    /// Makes the three sets be exactly these.
    static func set(permitted: [Int32], effective: [Int32], inheritable: [Int32]) throws(StartupError) {
        guard let sets = cap_init() else { throw StartupError("cap_init", errno: errno) }
        defer { cap_free(UnsafeMutableRawPointer(sets)) }
        for (flag, capabilities) in [
            (CAP_PERMITTED, permitted), (CAP_EFFECTIVE, effective), (CAP_INHERITABLE, inheritable),
        ] where !capabilities.isEmpty {
            try check(cap_set_flag(sets, flag, Int32(capabilities.count), capabilities, CAP_SET), "cap_set_flag")
        }
        try check(cap_set_proc(sets), "cap_set_proc")
    }
}
