import NIOCore

/// The first handler of a connection, by which it can be closed at once, whatever its protocol: TLS would wait for the
/// other end's farewell, and the descriptor with it.
///
/// It closes by itself a connection whose client takes nothing of what was written for too long.
final class ConnectionDoor: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    /// - Parameter limit: how long more may be on its way than NIO takes without making the writer wait.
    init(stalled limit: TimeAmount) { self.limit = limit }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if !context.channel.isWritable {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: limit) { Self.shut(channel) }
        }
        context.fireChannelWritabilityChanged()
    }

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
