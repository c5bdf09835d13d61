import NIOCore
import NIOHTTP1

/// What HTTP/1 asks of a server and NIO leaves to it, on one connection (RFC 9112, sections 3.2 and 9.6).
///
/// - HTTP/1.1 without exactly one `Host` is a bare 400, and the connection ends.
/// - The connection ends after the answer if the client wants that (HTTP/1.0 always does, unless it says `keep-alive`),
///   and after an answer that does not wait for the rest of the body: 413, 408, 503 in the middle of one, and any in the
///   middle of one that may be longer than is read afterwards. The answer says so.
/// - A head has to come in ``Timeouts/head`` (``HeadDeadline``).
/// - Ending means: nothing is sent any more at once, and what still comes in is thrown away until the client closes too,
///   but no longer than ``lingering``. If the socket were closed with bytes unread, the kernel would reset the
///   connection, and the client might never see the answer.
final class HTTP1Rules: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    static let lingering = TimeAmount.seconds(2)

    /// A request that has no answer yet.
    private struct Open {
        /// HTTP/1.0 or older.
        let isOld: Bool
        let keepsAlive: Bool
        /// How long its body will be; nil if it comes in chunks, and does not say.
        let announced: Int?
        /// Its body is here too.
        var isWhole = false

        /// More of its body may be still to come than ``IncomingBody/discard()`` reads.
        var mayBeLong: Bool { !isWhole && announced.map { $0 > IncomingBody.discardLimit } ?? true }
    }

    private let head: HeadDeadline

    private init(_ head: HeadDeadline) { self.head = head }

    private var open = CircularBuffer<Open>()
    /// The last request that will be taken is being read, or has been.
    private var isLast = false
    /// Nothing is passed on any more of what comes in.
    private var isDeaf = false
    private var closesAfterAnswer = false
    private var isInputClosed = false
    private var deadline: Scheduled<Void>?

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head.headCame()
            let isOld = (head.version.major, head.version.minor) < (1, 1)
            let isWellFormed = isOld || head.headers["host"].count == 1
            let announced = head.headers.first(name: "content-length").flatMap { Int($0) }
            open.append(Open(isOld: isOld, keepsAlive: head.isKeepAlive && isWellFormed, announced: announced))
            isLast = !head.isKeepAlive || !isWellFormed
            guard isWellFormed else {
                isDeaf = true
                // Answered as all that is no HTTP, in its turn behind the requests before it.
                return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            }
        case .body: break
        case .end:
            isDeaf = isLast
            head.requestCame()
            if !open.isEmpty { open[open.index(before: open.endIndex)].isWhole = true }
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Those behind this handler may want no more, but the end of the stream must be seen.
        if deadline != nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            if deadline != nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: What goes out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            context.write(wrapOutboundOut(.head(final(head))), promise: promise)
        case .end:
            _ = open.popFirst()
            guard closesAfterAnswer else { return context.write(data, promise: promise) }
            isDeaf = true
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenComplete { _ in self.linger(context) }
            context.write(data, promise: written)
        default: context.write(data, promise: promise)
        }
    }

    /// The head of an answer, with what becomes of the connection.
    private func final(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var head = head
        let request = open.first
        let isOld = request?.isOld == true
        // HTTP/1.0 knows no chunks: where no length is announced, the end of the connection ends the body.
        let isOpenEnded = isOld && !head.headers.contains(name: "content-length")
        if isOpenEnded { head.version = .http1_0 }
        closesAfterAnswer =
            request?.keepsAlive == false || isOpenEnded || [.payloadTooLarge, .requestTimeout].contains(head.status)
            || (head.status == .serviceUnavailable && request?.isWhole == false) || request?.mayBeLong == true
            || head.headers[canonicalForm: "connection"].contains("close")
        if closesAfterAnswer {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if isOld {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        return head
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard deadline == nil, context.channel.isActive else { return }
        guard !isInputClosed else { return context.close(promise: nil) }
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Puts the rules in their place, where a request still has its version. On a stream of HTTP/2 there is none.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOAny

        private let headLimit: TimeAmount

        init(head limit: TimeAmount) { headLimit = limit }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else {
                return
            }
            do {
                let head = HeadDeadline(headLimit)
                try pipeline.addHandler(head, position: .before(decoder))
                try pipeline.addHandler(HTTP1Rules(head), position: .after(decoder))
            } catch {
                context.fireErrorCaught(error)
            }
        }
    }
}
