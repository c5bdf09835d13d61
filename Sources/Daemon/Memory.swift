import CLinux

/// The memory that the C library's allocator holds.
package enum Memory {
    /// Gives back to the system what was freed and is kept for the next request, whole pages of it (malloc_trim(3)).
    package static func giveBack() { _ = malloc_trim(0) }
}
