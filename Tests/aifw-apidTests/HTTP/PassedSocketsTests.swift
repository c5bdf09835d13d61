import Foundation
import Glibc
import Testing

@testable import aifw_apid

@Suite struct PassedSocketsTests {
    private func passed(
        _ count: String?, _ names: String?, process: String? = "7"
    ) throws(ListenerError) -> PassedSockets {
        try PassedSockets(process: process, count: count, names: names, own: 7)
    }

    private func fault(_ count: String?, _ names: String?, process: String? = "7") throws -> String {
        try #require(throws: ListenerError.self) { try passed(count, names, process: process) }.description
    }

    @Test func `sockets are told apart by name, whatever their order`() throws {
        let passed = try passed("4", "https:api:https:https")
        #expect(passed.api == 4)
        #expect(passed.https == [3, 5, 6])
    }

    @Test(
        arguments: [
            (nil, nil, nil), (nil, "1", "api"), ("7", nil, nil), ("8", "1", "api"), ("7", "0", nil), ("8", "x", "y"),
        ] as [(String?, String?, String?)])
    func `nothing is taken where nothing was passed to this process`(
        process: String?, count: String?, names: String?
    ) throws {
        let passed = try passed(count, names, process: process)
        #expect(passed.api == nil && passed.https.isEmpty)
    }

    @Test(
        arguments: [
            (
                "2", "api",
                "LISTEN_FDNAMES: 2 sockets were passed, but not a name for each; the names (FileDescriptorName=) "
                    + "are api and https"
            ),
            (
                "1", nil,
                "LISTEN_FDNAMES: 1 sockets were passed, but not a name for each; the names (FileDescriptorName=) "
                    + "are api and https"
            ),
            (
                "1", "aifw-apid.socket",
                "LISTEN_FDNAMES: \"aifw-apid.socket\" is not known; the names (FileDescriptorName=) "
                    + "are api and https"
            ),
            ("2", "api:", "LISTEN_FDNAMES: \"\" is not known; the names (FileDescriptorName=) are api and https"),
            ("2", "api:api", "LISTEN_FDNAMES: two sockets are named api; there is one of this name"),
            ("-1", "api", "LISTEN_FDS: \"-1\" is no number of sockets from 0 to 1000"),
            ("1 ", "api", "LISTEN_FDS: \"1 \" is no number of sockets from 0 to 1000"),
            ("99999999999", "api", "LISTEN_FDS: \"99999999999\" is no number of sockets from 0 to 1000"),
        ] as [(String, String?, String)])
    func `what can't be told apart is refused, with what the unit should say`(
        count: String, names: String?, expected: String
    ) throws {
        #expect(try fault(count, names) == expected)
    }

    @Test func `a process id that is none is refused`() throws {
        #expect(try fault("1", "api", process: "me") == "LISTEN_PID: \"me\" is no process")
    }

    // Environment and descriptors are a process's own: so each of these runs in one.

    @Test func `sockets that are what they should be are taken, once, and passed on to nobody`() async {
        await #expect(processExitsWith: .success) {
            let sockets = [try Self.listening(AF_UNIX), try Self.listening(AF_INET), try Self.listening(AF_INET6)]
            Self.pass(sockets, names: "api:https:https")
            let passed = try PassedSockets.take()
            guard passed.api == 3, passed.https == [4, 5] else { exit(2) }
            guard passed.https.allSatisfy({ fcntl($0, F_GETFD) & FD_CLOEXEC != 0 }) else { exit(3) }
            guard fcntl(3, F_GETFD) & FD_CLOEXEC != 0, getenv("LISTEN_FDNAMES") == nil else { exit(4) }
            guard try PassedSockets.take() == PassedSockets.none else { exit(5) }
        }
    }

    @Test(arguments: ["api", "https"])
    func `a socket of the wrong family, one that does not listen, and what is no socket are refused`(
        name: String
    ) async {
        await #expect(processExitsWith: .success) { [name] in
            let wrong = try Self.listening(name == "api" ? AF_INET : AF_UNIX)
            let silent = socket(name == "api" ? AF_UNIX : AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            let packets = socket(name == "api" ? AF_UNIX : AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
            for descriptor in [wrong, silent, packets, open("/dev/null", O_RDONLY)] {
                Self.pass([descriptor], names: name)
                do throws(ListenerError) {
                    _ = try PassedSockets.take()
                    exit(2)
                } catch {
                    guard error.description.contains(name), getenv("LISTEN_PID") == nil else { exit(3) }
                }
            }
        }
    }

    /// A socket that listens: under a name of the kernel's choice that is no file (unix(7), autobind), or on a port of the kernel's choice.
    private static func listening(_ family: CInt) throws -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue), 0)
        if family == AF_UNIX {
            let bound = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { family in
                bind(descriptor, family.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(family.count))
            }
            try #require(bound == 0)
        }
        try #require(listen(descriptor, 1) == 0)
        return descriptor
    }

    /// Puts the descriptors where a service manager puts them, and says so.
    private static func pass(_ descriptors: [CInt], names: String) {
        // Out of the way first: one of them may be where another goes.
        let safe = descriptors.map { fcntl($0, F_DUPFD, 100) }
        for (place, descriptor) in zip(PassedSockets.first..., safe) { dup2(descriptor, place) }
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "\(descriptors.count)", 1)
        setenv("LISTEN_FDNAMES", names, 1)
    }
}
