import Glibc

/// The time since boot in milliseconds: it never jumps (CLOCK_MONOTONIC of clock_gettime(2)).
package enum Clock {
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
