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
    /// How many connections over TCP are kept open.
    var connectionLimit = 1024
    /// How much of bodies may be in memory, over the network and over the Unix socket each.
    var bodyLimits = BodyMemory.limits
    var meters = Meters()
    let logger: Logger
    let respond: Respond
    /// Told once, when all listeners are open: their addresses (`127.0.0.1:8443`, `/run/aifw/api.sock`).
    var onReady: @Sendable ([String]) async -> Void = { _ in }

    func run() async throws {
        // A thread of its own for the Unix socket: it answers however much the others have to do.
        let local = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await run(
                network: Side(
                    group: MultiThreadedEventLoopGroup.singleton, priority: .medium,
                    connections: Connections(
                        limit: connectionLimit, logger: logger, gauge: meters.connections.network),
                    memory: BodyMemory(limits: bodyLimits)),
                local: Side(
                    group: local, priority: .high,
                    connections: Connections(
                        limit: Connections.localLimit, logger: logger, gauge: meters.connections.local),
                    memory: BodyMemory(limits: bodyLimits)))
        } catch {
            try await local.shutdownGracefully()
            throw error
        }
        try await local.shutdownGracefully()
    }

    /// What callers over the network have in common, or those over the Unix socket: neither can use up the other's.
    private struct Side: Sendable {
        let group: MultiThreadedEventLoopGroup
        let priority: TaskPriority
        let connections: Connections
        let memory: BodyMemory
    }

    private func run(network: Side, local: Side) async throws {
        var open: [OpenListener] = []
        do {
            for listener in listeners { open.append(try await self.open(listener, listener.isLocal ? local : network)) }
        } catch {
            for listener in open { listener.stop() }
            throw error
        }
        let time = timeouts.idle + Timeouts.overtime
        let sweep = local.group.next().scheduleRepeatedTask(initialDelay: .seconds(5), delay: .seconds(5)) { _ in
            for side in [network, local] { side.connections.closeIdle(for: time) }
        }
        defer { sweep.cancel() }
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

    private func open(_ listener: Listener, _ side: Side) async throws -> OpenListener {
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HTTP1Rules.Installer(head: timeouts.head)], idleTimeout: timeouts.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        switch listener.speech {
        case .tls(let identity):
            let configuration = HTTP2UpgradeChannel.Configuration(
                idleTimeout: .nanoseconds(timeouts.idle.nanoseconds), gracefulCloseTimeout: timeouts.closing,
                streamConfiguration: http1)
            let responder = responder(side, peer: nil)
            let connection = try TLSServerChannel(identity, handshakeTimeout: timeouts.handshake) {
                try HTTP2UpgradeChannel(tlsConfiguration: $0, configuration: configuration, responder: responder)
            }
            return try await bind(listener.place, side, connection)
        case .plain:
            return try await bind(
                listener.place, side, HTTP1Channel(responder: responder(side, peer: nil), configuration: http1))
        case .local:
            return try await bind(
                listener.place, side, UnixChannel(configuration: http1) { responder(side, peer: $0) })
        }
    }

    private func bind<Connection: ServerChildChannel>(
        _ place: Listener.Place, _ side: Side, _ connection: Connection
    ) async throws -> OpenListener {
        let group = side.group
        let quiescing = ServerQuiescingHelper(group: group)
        let logger = logger
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Listener.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionGate(side.connections))
                    try pipeline.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        let accepted: NIOAsyncChannel<Connection.Value, Never>
        let stalled = timeouts.slice
        let initializer: @Sendable (any Channel) -> EventLoopFuture<Connection.Value> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ConnectionDoor(stalled: stalled))
            }.flatMap { connection.setup(channel: channel, logger: logger) }
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
                await Self.serve(accepted, connection, side.priority, logger)
                atEnd()
            },
            stop: { quiescing.initiateShutdown(promise: nil) })
    }

    /// Takes connections until the listener is closed, and returns when the last of them is gone.
    private static func serve<Connection: ServerChildChannel>(
        _ accepted: NIOAsyncChannel<Connection.Value, Never>, _ connection: Connection, _ priority: TaskPriority,
        _ logger: Logger
    ) async {
        await withDiscardingTaskGroup { group in
            do {
                try await accepted.executeThenClose { inbound in
                    for try await value in inbound {
                        group.addTask(priority: priority) { await connection.handle(value: value, logger: logger) }
                    }
                }
            } catch {
                logger.error("a listener failed", metadata: ["error": .string("\(error)")])
            }
        }
    }

    /// `respond` in the shape that Hummingbird's channels call.
    private func responder(_ side: Side, peer: PeerCredentials?) -> HTTPChannelHandler.Responder {
        let (respond, timeouts) = (respond, timeouts)
        return { (sent, writer: consuming ResponseWriter, channel) in
            side.connections.requestBegan(on: channel)
            let isStream = channel.parent?.parent != nil
            // What was written to a stream is in memory until its client opens the window for it, and counts until then.
            if isStream { channel.closeFuture.whenComplete { _ in side.connections.requestEnded(on: channel) } }
            defer { if !isStream { side.connections.requestEnded(on: channel) } }
            var head = sent.head
            head.headerFields = head.headerFields.ascii
            if head.headerFields[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(.init(status: .continue))
            }
            let incoming = IncomingBody(sent, memory: side.memory, pace: timeouts.body)
            defer { incoming.forget() }
            let request = APIRequest(head: head, body: RequestBody(asyncSequence: incoming))
            let response = try await respond(request, channel, peer)
            try await writer.write(response, on: channel, slice: timeouts.slice)
            try await incoming.discard()
            if isStream {
                let deadline = channel.eventLoop.scheduleTask(in: timeouts.slice) { channel.close(promise: nil) }
                channel.closeFuture.whenComplete { _ in deadline.cancel() }
            }
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
