import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Wire

/// The connection to one receiver, kept from one delivery to the next as long as there is another: HTTP/1.1, by TLS 1.2
/// or later, to exactly the address it is told, whatever the name has come to mean since it was checked.
///
/// No redirect is followed, no proxy used, nothing unpacked.
actor WebhookLine {
    /// How long a connection may take, with TLS.
    static let connecting = TimeAmount.seconds(5)
    /// How long all of it may take, up to the head of the answer.
    static let patience = Duration.seconds(15)
    /// The most of an answer's body that is read, and how long that may take: only so that the connection can be used again.
    static let bodyLimit = 64 << 10
    private static let bodyPatience = Duration.seconds(2)

    private struct Open {
        let client: HTTPClient
        let place: String
    }

    private let roots: WebhookRoots
    private var open: Open?

    init(roots: WebhookRoots) { self.roots = roots }

    /// Sends a POST and returns the status of the answer. Throws what kept it from having one.
    func post(
        _ body: [UInt8], _ fields: [(name: String, value: String)], to url: WebhookURL, at address: IPAddress
    ) async throws -> Int {
        var request = HTTPClientRequest(url: url.description)
        request.method = .POST
        request.headers = HTTPHeaders(fields.map { ($0.name, $0.value) })
        request.body = .bytes(ByteBuffer(bytes: body))
        let place = "\(url.scheme) \(url.host) \(url.port) \(address)"
        let isUsed = open?.place == place
        do {
            return try await exchange(request, over: client(for: url, at: address, place))
        } catch let error as HTTPClientError where isUsed && error == .remoteConnectionClosed {
            // The receiver has had enough of the connection just when it was to be used again.
            await close()
            return try await exchange(request, over: client(for: url, at: address, place))
        }
    }

    /// Ends the connection; the next delivery makes another.
    func close() async {
        guard let open else { return }
        self.open = nil
        try? await open.client.shutdown()
    }

    private func client(for url: WebhookURL, at address: IPAddress, _ place: String) async -> HTTPClient {
        if let open, open.place == place { return open.client }
        await close()
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.trustRoots = .certificates(url.scheme == .https ? roots.all : [])
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connecting, read: .seconds(15)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        // Far fewer answers than would use up what a connection may bring.
        configuration.maximumUsesPerConnection = 128
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(WebhookAllowance(), position: .first)
            }
        }
        if case .name(let name) = url.host { configuration.dnsOverride = [name.description: address.description] }
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        open = Open(client: client, place: place)
        return client
    }

    private func exchange(_ request: HTTPClientRequest, over client: HTTPClient) async throws -> Int {
        let response = try await client.execute(request, timeout: .init(Self.patience))
        await Self.drain(response.body)
        return Int(response.status.code)
    }

    /// What is not read when this returns ends with the connection.
    private static func drain(_ body: HTTPClientResponse.Body) async {
        await withTaskGroup { group in
            group.addTask {
                var left = bodyLimit
                // An answer whose body breaks off has been given all the same.
                try? await {
                    for try await part in body {
                        left -= part.readableBytes
                        if left < 0 { return }
                    }
                }()
            }
            group.addTask { try? await Task.sleep(for: bodyPatience) }
            await group.next()
            group.cancelAll()
        }
    }
}
