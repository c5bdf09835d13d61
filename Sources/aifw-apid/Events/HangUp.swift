import NIOCore

/// Closes a connection over HTTP/1 when its client has closed its half: who listens to a stream says nothing more, so that
/// is all there is to see of one who has gone.
///
/// HTTP/2 ends the stream by itself.
final class HangUp: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    /// How long what was sent may stay without an acknowledgement, in milliseconds: a client that lost its network says
    /// nothing at all (tcp(7), `TCP_USER_TIMEOUT`).
    private static let silence = (option: option(18), value: 30_000)
    /// How much the kernel takes that it can't send yet: it would take megabytes for a client that reads nothing
    /// (`TCP_NOTSENT_LOWAT`, Linux's ip-sysctl.rst).
    private static let unsent = (option: option(25), value: 128 << 10)

    private static func option(_ number: CInt) -> ChannelOptions.Types.SocketOption {
        ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: number))
    }

    /// Has the channel of a stream closed when its client has gone.
    ///
    /// - Parameter ended: called when it is closed, for whatever reason.
    static func watch(_ channel: any Channel, ended: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in ended() }
        let connection = channel.isStream ? channel.parent ?? channel : channel
        if connection.remoteAddress?.port != nil {
            for (option, value) in [silence, unsent] {
                connection.setOption(option, value: SocketOptionValue(value)).whenComplete { _ in }
            }
        }
        guard !channel.isStream else { return }
        channel.eventLoop.execute {
            // It fails only where the channel is closed already.
            try? channel.pipeline.syncOperations.addHandler(HangUp(), position: .first)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

extension Channel {
    /// Whether it is one stream of a connection over HTTP/2: a connection's own parent is the listener, which has none.
    var isStream: Bool { parent?.parent != nil }
}
