import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// A TLS connection: HTTP/1.1 or HTTP/2 as ALPN decides, closed if the handshake takes too long.
///
/// Each connection has the certificate that the listener's identity has when it is accepted.
final class TLSServerChannel: ServerChildChannel {
    /// What one version of the identity is served by: it has the key and the session tickets.
    private struct Current {
        var version: Int
        var channel: HTTP2UpgradeChannel
    }

    private let identity: TLSIdentity
    private let handshakeTimeout: TimeAmount
    private let make: @Sendable (TLSConfiguration) throws -> HTTP2UpgradeChannel
    private let current: Mutex<Current>

    /// - Parameter make: makes what serves a configuration.
    init(
        _ identity: TLSIdentity, handshakeTimeout: TimeAmount,
        make: @escaping @Sendable (TLSConfiguration) throws -> HTTP2UpgradeChannel
    ) throws {
        self.identity = identity
        self.handshakeTimeout = handshakeTimeout
        self.make = make
        let (version, configuration) = identity.current
        current = Mutex(Current(version: version, channel: try make(configuration)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP2UpgradeChannel.Value> {
        let base: HTTP2UpgradeChannel
        do {
            base = try upgrade()
        } catch {
            logger.error("a certificate can't be used", metadata: ["error": .string("\(error)")])
            return channel.eventLoop.makeFailedFuture(error)
        }
        return base.setup(channel: channel, logger: logger).flatMapThrowing { [handshakeTimeout] value in
            // Behind the TLS handler, where its events pass, and in front of the one that waits for them.
            let pipeline = channel.pipeline.syncOperations
            let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
            try pipeline.addHandler(HandshakeDeadline(handshakeTimeout), position: .after(tls))
            return value
        }
    }

    private func upgrade() throws -> HTTP2UpgradeChannel {
        let (version, configuration) = identity.current
        return try current.withLock { current in
            if current.version != version {
                current = Current(version: version, channel: try make(configuration))
            }
            return current.channel
        }
    }

    /// Whichever version set the connection up: they differ in the certificate only, which has been shown by now.
    func handle(value: HTTP2UpgradeChannel.Value, logger: Logger) async {
        await current.withLock { $0.channel }.handle(value: value, logger: logger)
    }
}

/// Closes a connection whose TLS handshake is not done in time; a client that says nothing would hold a descriptor.
private final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let limit: TimeAmount
    private var isDone = false
    private var deadline: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: limit) { ConnectionDoor.shut(channel) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            isDone = true
            deadline?.cancel()
        }
        // A server that stops does not wait for a client that has not said a word.
        if event is ChannelShouldQuiesceEvent, !isDone { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
