import HummingbirdCore
import Logging
import NIOCore

/// A connection over the Unix socket: HTTP/1.1, with the kernel's word on who is at the other end.
///
/// The peer is asked for once, when the connection is accepted, and every request on it is told.
struct UnixChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel
        let stream: HTTP1Channel.Value
        var channel: any Channel { stream.channel }
    }

    let configuration: HTTP1Channel.Configuration
    /// What answers, given who is at the other end.
    let responder: @Sendable (PeerCredentials) -> HTTPChannelHandler.Responder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        PeerCredentials.read(from: channel).flatMap { peer in
            let http = HTTP1Channel(responder: responder(peer), configuration: configuration)
            return http.setup(channel: channel, logger: logger).map { Value(http: http, stream: $0) }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await value.http.handle(value: value.stream, logger: logger)
    }
}
