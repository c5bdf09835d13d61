import NIOCore

/// Closes a connection over HTTP/1 whose request's head is not there in time after its first byte, however it trickles.
///
/// It stands in front of the decoder, where bytes pass that are no head yet; ``HTTP1Rules`` says what they have become.
final class HeadDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limit: TimeAmount
    /// What comes next is a head, or more of one.
    private var awaitsHead = true
    private var deadline: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if awaitsHead, deadline == nil {
            let channel = context.channel
            deadline = context.eventLoop.scheduleTask(in: limit) { ConnectionDoor.shut(channel) }
        }
        context.fireChannelRead(data)
    }

    /// A whole head has come.
    func headCame() {
        awaitsHead = false
        deadline?.cancel()
        deadline = nil
    }

    /// All of a request has come: what follows is the head of another one.
    func requestCame() { awaitsHead = true }
}
