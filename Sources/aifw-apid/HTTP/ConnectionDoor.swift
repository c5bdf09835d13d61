import NIOCore

/// The first handler of a connection, by which it can be closed at once, whatever its protocol: TLS would wait for the
/// other end's farewell, and the descriptor with it.
final class ConnectionDoor: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// Closes a connection that has a door; what is on its way is lost.
    static func shut(_ channel: any Channel) {
        channel.pipeline.context(handlerType: ConnectionDoor.self).whenComplete { result in
            switch result {
            case .success(let context): context.close(promise: nil)
            // It was accepted so lately that it has none yet, or it is closed.
            case .failure: channel.close(promise: nil)
            }
        }
    }
}

/// Counts the connections that a listener accepts, and turns those away that there is no room for.
final class ConnectionGate: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let connections: Connections

    init(_ connections: Connections) { self.connections = connections }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        guard connections.admit(channel, of: ConnectionOwner(channel.remoteAddress)) else {
            return channel.close(promise: nil)
        }
        context.fireChannelRead(data)
    }
}
