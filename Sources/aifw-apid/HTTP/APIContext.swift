import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Wire

/// One request and all that is known about it: what a handler is given.
struct APIContext: Sendable {
    let request: APIRequest
    let route: Route
    let caller: Caller
    /// What names this request in the log and in `X-Request-Id`.
    let requestID: String
    /// The connection, or the stream of it with HTTP/2.
    let channel: any Channel
    /// The values of the `{…}` segments of the route's path, percent-decoded, in their order.
    let parameters: [String]

    /// The body, where it was read before the handler was called.
    var received: Bytes?

    private let baseLogger: Logger

    init(
        request: APIRequest, route: Route, caller: Caller, requestID: String, channel: any Channel,
        parameters: [String],
        logger: Logger
    ) {
        self.request = request
        self.route = route
        self.caller = caller
        self.requestID = requestID
        self.channel = channel
        self.parameters = parameters
        baseLogger = logger
    }

    /// A logger whose lines carry the request's id.
    var logger: Logger {
        var logger = baseLogger
        logger[metadataKey: "id"] = .string(requestID)
        return logger
    }

    /// Throws 403 unless the caller has `scopes`; for what the route's own scope does not cover.
    func require(_ scopes: Scopes) throws(Problem) {
        guard caller.scopes.allow(scopes) else { throw Authentication.forbidden(scopes) }
    }

    /// The text of a segment of the path, named as in the route (`{id}`).
    func parameter(_ name: String) throws(Problem) -> String {
        guard let index = route.parameterNames.firstIndex(of: name), index < parameters.count else {
            throw Problem(.notFound, "The path has no \(name).")
        }
        return parameters[index]
    }

    /// The id in a segment of the path; one that is no UUID names nothing, so it is a 404.
    func id(_ name: String) throws(Problem) -> ObjectID {
        let text = try parameter(name)
        guard let id = try? ObjectID(text) else {
            throw Problem(.notFound, "There is nothing with this id, for it is no UUID.")
        }
        return id
    }

    /// This host's address on the connection; nil over the Unix socket.
    var localAddress: IPAddress? { Self.address(channel.localAddress ?? channel.parent?.localAddress) }

    /// The caller's address on the connection; nil over the Unix socket.
    var remoteAddress: IPAddress? { Self.address(channel.remoteAddress ?? channel.parent?.remoteAddress) }

    /// Where a request comes from, for the log: the caller's address, or `local`.
    static func origin(of channel: any Channel) -> String {
        let remote = channel.remoteAddress ?? channel.parent?.remoteAddress
        return remote?.ipAddress ?? "local"
    }

    private static func address(_ address: SocketAddress?) -> IPAddress? {
        guard let text = address?.ipAddress else { return nil }
        // A link-local address comes with its zone ("fe80::1%eth0"), which is no part of the address.
        guard let address = try? IPAddress(String(text.prefix { $0 != "%" })) else { return nil }
        // A socket for both families shows IPv4 as ::ffff:192.0.2.1 (RFC 4291, section 2.5.5.2).
        return address.family == .v6 && address.bits >> 32 == 0xFFFF
            ? IPAddress(.v4, bits: address.bits & 0xFFFF_FFFF) : address
    }
}
