import Glibc
import Logging

/// The number of descriptors that this process may have open (getrlimit(2), RLIMIT_NOFILE).
enum DescriptorLimit {
    /// Set aside: for connections over the Unix socket, and for the database, the helper, listeners, event loops, names.
    static let reserved = Connections.localLimit + 2 * Connections.closingLimit + 128

    /// Raises the soft limit to the hard one: 1,024 is reached by as many idle connections. Returns how many of
    /// `wanted` connections over TCP there can be with what holds now: fewer are told in the log.
    ///
    /// So no connection ever finds that there is no descriptor left for it, least of all one over the Unix socket.
    static func connections(_ wanted: Int, _ logger: Logger) throws(ListenerError) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { throw ListenerError("RLIMIT_NOFILE", errno: errno) }
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(resource, &limit) == 0 else { throw ListenerError("RLIMIT_NOFILE", errno: errno) }
        let possible = Int(clamping: limit.rlim_cur) - reserved
        guard possible >= Connections.range.lowerBound else {
            throw ListenerError(
                "\(limit.rlim_cur) descriptors (LimitNOFILE=, ulimit -Hn) are too few; "
                    + "\(reserved + Connections.range.lowerBound) are needed")
        }
        if possible < wanted {
            logger.warning(
                "max-connections is more than there are descriptors for",
                metadata: [
                    "wanted": .stringConvertible(wanted), "possible": .stringConvertible(possible),
                    "descriptors": .stringConvertible(limit.rlim_cur),
                ])
        }
        return min(wanted, possible)
    }
}
