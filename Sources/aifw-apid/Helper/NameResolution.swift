import Glibc
import Wire

/// Asks the C library which addresses a host name has, as the host is set up to find that out (nsswitch.conf(5)).
enum NameResolution {
    /// Why there is none, in words.
    struct Fault: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The most addresses of a name that are looked at.
    private static let limit = 16

    /// The addresses that a peer can have, in the order in which this host should try them (RFC 6724): what it has no route
    /// to comes last. Blocks for as long as resolv.conf(5) lets it, some ten seconds at most unless it says more.
    static func addresses(of name: HostName) throws(Fault) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name.description, nil, &hints, &first)
        guard code == 0 else {
            let system = code == EAI_SYSTEM ? strerror(errno).map { String(cString: $0) } : nil
            throw Fault(description: system ?? gai_strerror(code).map { String(cString: $0) } ?? "error \(code)")
        }
        defer { freeaddrinfo(first) }
        let found = sequence(first: first, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.prefix(limit)
            .compactMap { $0.flatMap { address($0.pointee) } }
        let usable = found.filter { NetworkPolicy.objection(toEndpoint: Endpoint($0, Port(validated: 1))) == nil }
        guard !usable.isEmpty else {
            let all = found.map(\.description).joined(separator: ", ")
            throw Fault(description: found.isEmpty ? "it has no address" : "no host can have its address \(all)")
        }
        return usable
    }

    /// Nil for one with a zone (`fe80::1%eth0`), which no endpoint can have.
    private static func address(_ info: addrinfo) -> IPAddress? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let room = socklen_t(text.count)
        guard getnameinfo(info.ai_addr, info.ai_addrlen, &text, room, nil, 0, NI_NUMERICHOST) == 0 else { return nil }
        return try? IPAddress(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
