import NIOCore

/// Ends a connection that has brought more than any receiver has to say, at once and without a word: a TLS connection that
/// is closed in order takes in whatever comes until its other end closes too.
///
/// It stands before TLS, and counts for the whole life of the connection.
final class WebhookAllowance: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private static let limit = 256 << 10

    private var left = limit

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        left -= unwrapInboundIn(data).readableBytes
        guard left >= 0 else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }
}
