import Foundation
import Testing

/// Whether this process may change network interfaces: only in a network namespace of its own, which packaging/test makes.
enum NetworkNamespace {
    /// The reason that is shown beside a skipped test.
    static let reason: Comment = """
        needs CAP_NET_ADMIN in a network and mount namespace of its own with a tmpfs on /run/wireguard and \
        AIFW_TEST_NAMESPACE=1, as packaging/test sets it up
        """

    /// Set by whoever made the namespace, and believed only if no interface but the loopback, or those of these tests,
    /// can be seen.
    static var isOurs: Bool {
        guard ProcessInfo.processInfo.environment["AIFW_TEST_NAMESPACE"] == "1" else { return false }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/net/dev_snmp6")) ?? ["eth0"]
        return names.allSatisfy { $0 == "lo" || $0.hasPrefix("wg") || $0.hasPrefix("aifwt") }
    }
}

/// The suites that make interfaces: one after the other, because what they make is seen by all.
@Suite(.serialized, .enabled(if: NetworkNamespace.isOurs, NetworkNamespace.reason))
struct RealInterfaces {}
