import HTTPTypes
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOExtras
import NIOPosix
import ServiceLifecycle
import Wire

/// The one HTTP server for all listeners: TLS on TCP, the Unix socket, and sockets that the service manager opened.
///
/// It stops gracefully: no connection is taken any more, open requests are answered, then all is closed.
struct Server: Service {
    /// Answers a request; `peer` is who is at the other end of a Unix socket.
    typealias Respond =
        @Sendable (_ request: APIRequest, _ channel: any Channel, _ peer: PeerCredentials?) async throws -> Response

    let listeners: [Listener]
    var timeouts = Timeouts()
    let logger: Logger
    let respond: Respond
    /// Told once, when all listeners are open: their addresses (`127.0.0.1:8443`, `/run/aifw/api.sock`).
    var onReady: @Sendable ([String]) async -> Void = { _ in }

    func run() async throws {
        var open: [OpenListener] = []
        do {
            for listener in listeners { open.append(try await self.open(listener)) }
        } catch {
            for listener in open { listener.stop() }
            throw error
        }
        await onReady(open.map(\.name))
        let opened = open
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for listener in opened { group.addTask { await listener.serve() } }
            }
        } onGracefulShutdown: {
            for listener in opened { listener.stop() }
        }
    }

    /// A listener that is open, whatever is spoken there.
    private struct OpenListener: Sendable {
        let name: String
        let serve: @Sendable () async -> Void
        let stop: @Sendable () -> Void
    }

    private func open(_ listener: Listener) async throws -> OpenListener {
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HTTP1Rules.Installer()], idleTimeout: timeouts.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        switch listener.speech {
        case .tls(let configuration):
            let upgrade = try HTTP2UpgradeChannel(
                tlsConfiguration: configuration,
                configuration: .init(
                    idleTimeout: .nanoseconds(timeouts.idle.nanoseconds), gracefulCloseTimeout: timeouts.closing,
                    streamConfiguration: http1),
                responder: Self.responder(respond, peer: nil))
            return try await bind(
                listener.place, TLSServerChannel(base: upgrade, handshakeTimeout: timeouts.handshake))
        case .plain:
            return try await bind(
                listener.place, HTTP1Channel(responder: Self.responder(respond, peer: nil), configuration: http1))
        case .local:
            return try await bind(listener.place, UnixChannel(configuration: http1, respond: respond))
        }
    }

    private func bind<Connection: ServerChildChannel>(
        _ place: Listener.Place, _ connection: Connection
    ) async throws -> OpenListener {
        let group = MultiThreadedEventLoopGroup.singleton
        let quiescing = ServerQuiescingHelper(group: group)
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Listener.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        let accepted: NIOAsyncChannel<Connection.Value, Never>
        let initializer: @Sendable (any Channel) -> EventLoopFuture<Connection.Value> = { channel in
            connection.setup(channel: channel, logger: logger)
        }
        var name: String
        var cleanUp: @Sendable () -> Void = {}
        switch place {
        case .address(let address, let port):
            name = Self.name(address, port)
            do {
                let socketAddress = try SocketAddress(ipAddress: address.description, port: Int(port))
                accepted = try await bootstrap.bind(to: socketAddress, childChannelInitializer: initializer)
            } catch let error as IOError {
                throw ListenerError("listen on \(name)", errno: error.errnoCode)
            }
            name = Self.name(address, accepted.channel.localAddress?.port.flatMap(UInt16.init) ?? port)
        case .path(let path):
            name = path
            let descriptor = try UnixSocket.listen(at: path)
            accepted = try await bootstrap.bind(descriptor, childChannelInitializer: initializer)
            UnixSocket.restoreBacklog(of: descriptor)
            cleanUp = { UnixSocket.removeIfStale(path) }
        case .descriptor(let descriptor):
            accepted = try await bootstrap.bind(descriptor, childChannelInitializer: initializer)
            UnixSocket.restoreBacklog(of: descriptor)
            name = accepted.channel.localAddress.flatMap(Self.name) ?? "descriptor \(descriptor)"
        }
        let atEnd = cleanUp
        return OpenListener(
            name: name,
            serve: {
                await Self.serve(accepted, connection, logger)
                atEnd()
            },
            stop: { quiescing.initiateShutdown(promise: nil) })
    }

    /// Takes connections until the listener is closed, and returns when the last of them is gone.
    private static func serve<Connection: ServerChildChannel>(
        _ accepted: NIOAsyncChannel<Connection.Value, Never>, _ connection: Connection, _ logger: Logger
    ) async {
        await withDiscardingTaskGroup { group in
            do {
                try await accepted.executeThenClose { inbound in
                    for try await value in inbound {
                        group.addTask { await connection.handle(value: value, logger: logger) }
                    }
                }
            } catch {
                logger.error("a listener failed", metadata: ["error": .string("\(error)")])
            }
        }
    }

    /// `respond` in the shape that Hummingbird's channels call.
    static func responder(_ respond: @escaping Respond, peer: PeerCredentials?) -> HTTPChannelHandler.Responder {
        { (sent, writer: consuming ResponseWriter, channel) in
            var head = sent.head
            head.headerFields = head.headerFields.ascii
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(.init(status: .continue))
            }
            let incoming = IncomingBody(sent.body)
            let request = APIRequest(head: head, body: RequestBody(asyncSequence: incoming))
            let response = try await respond(request, channel, peer)
            try await writer.write(response: response.head, body: response.body)
            try await incoming.discard()
        }
    }

    /// How a socket that somebody else has bound is called; nil for one without a name.
    private static func name(_ address: SocketAddress) -> String? {
        guard let port = address.port, let text = address.ipAddress else { return address.pathname }
        return address.protocol == .inet6 ? "[\(text)]:\(port)" : "\(text):\(port)"
    }

    private static func name(_ address: IPAddress, _ port: UInt16) -> String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
