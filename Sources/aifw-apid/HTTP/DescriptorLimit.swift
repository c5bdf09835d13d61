import Glibc

/// The number of descriptors that this process may have open (getrlimit(2), RLIMIT_NOFILE).
enum DescriptorLimit {
    /// Raises the soft limit to the hard one: 1,024 is reached by as many idle connections. Returns what holds now.
    @discardableResult
    static func raise() -> UInt {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return setrlimit(resource, &limit) == 0 ? limit.rlim_cur : before
    }
}
