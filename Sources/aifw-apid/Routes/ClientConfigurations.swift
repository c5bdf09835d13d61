import HTTPTypes
import HummingbirdCore
import QR
import Wire

/// `…/peers/{peer}/config`: what a client imports, and `…/config/qr`: the same for its camera.
struct ClientConfigurations: Sendable {
    let plane: ControlPlane
    /// The setting `public-endpoint`.
    let publicEndpoint: PublicEndpoint?

    /// The forms of an answer; of those that a caller wants equally, the first.
    private enum Form: String, CaseIterable {
        case text = "text/plain"
        case json = "application/json"
        case qrCode = "image/svg+xml"
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let types = Form.allCases.map(\.rawValue)
        guard let form = Accept(context.request.headers).best(of: types).flatMap(Form.init) else {
            throw Problem(.notAcceptable, "The Accept header excludes all there is: \(types.joined(separator: ", ")).")
        }
        return try await answer(context, form)
    }

    @Sendable func qrCode(_ context: APIContext) async throws -> Response { try await answer(context, .qrCode) }

    private func answer(_ context: APIContext, _ form: Form) async throws -> Response {
        let (tunnelID, id) = (try context.id("id"), try context.id("peer"))
        let query = context.query
        let split = query.flag("split_tunnel") ?? false
        try query.finish()
        let (tunnel, peer) = try await plane.store.read { (try $0.tunnel(tunnelID), try $0.peer(id, of: tunnelID)) }
        guard peer.privateKey != nil else {
            throw Problem(
                .keyNotKept,
                peer.isKeyGenerated
                    ? "The private key of this peer was shown once, when it was made, and not kept: rotate the peer for a new one."
                    : "The private key of this peer is not here: only its public key was given. Its owner has the rest."
            )
        }
        let endpoint = try await endpoint(for: tunnel, context)
        switch form {
        case .json:
            let full = try await text(of: peer, in: tunnel, endpoint: endpoint, .full)
            let split = try await text(of: peer, in: tunnel, endpoint: endpoint, .split)
            try await log(peer, context)
            return Response.bare([
                "full_tunnel": .string(JSONString(full)), "split_tunnel": .string(JSONString(split)),
            ]).notStored
        case .qrCode:
            let text = try await text(of: peer, in: tunnel, endpoint: endpoint, split ? .split : .full)
            let picture = try Self.picture(of: text)
            try await log(peer, context)
            return Response.bytes(picture, type: form.rawValue).notStored
        case .text:
            let text = try await text(of: peer, in: tunnel, endpoint: endpoint, split ? .split : .full)
            try await log(peer, context)
            var response = Response.bytes(text, type: "text/plain; charset=utf-8").notStored
            response.headers[.contentDisposition] = ContentDisposition.attachment(
                name: "\(peer.name).conf", fallback: "\(ConfigurationFileName(peer.name))")
            return response
        }
    }

    /// The configuration as a QR code. One that is too large for any is a 409 and no 422: nothing in the request is wrong,
    /// it is the tunnel's or the peer's routes that are too many for this form.
    private static func picture(of text: Bytes) throws -> Bytes {
        do {
            return try QRCode(text).svg
        } catch QRCodeError.tooLarge(let count) {
            throw Problem(
                .configurationTooLarge,
                """
                The configuration has \(count) bytes, and a QR code holds \(QRCode.limit) at most: import the file, or have \
                fewer routes in it (split_routes of the tunnel, client_routes of the peer).
                """)
        }
    }

    /// Where the tunnel's clients reach it; throws 409 if nothing says so.
    private func endpoint(for tunnel: TunnelRecord, _ context: APIContext) async throws -> PublicEndpoint {
        try await endpointChoice(context).endpoint(for: tunnel)
    }

    /// What says where clients reach a tunnel, gathered before a write, so that the write can choose for what it finds.
    func endpointChoice(_ context: APIContext) async throws -> EndpointChoice {
        let inventory = try await plane.reader.inventory()
        let inner = try await plane.store.read { try $0.innerAddresses() }
        return EndpointChoice(
            setting: publicEndpoint, requestAddress: context.localAddress,
            hostAddresses: inventory.addresses.map(\.address), defaultSources: inventory.defaultSources,
            innerAddresses: inner)
    }

    /// The configuration's text, with the peer's keys opened by the helper.
    private func text(
        of peer: PeerRecord, in tunnel: TunnelRecord, endpoint: PublicEndpoint, _ extent: ClientConfiguration.Extent
    ) async throws -> Bytes {
        guard let sealed = SealedPeerKeys(peer) else {
            throw Problem(.keyNotKept, "The private key is not kept here.")
        }
        let opened = try await plane.reader.open([sealed])
        return ClientConfiguration(of: peer, in: tunnel, endpoint: endpoint, opened[0]).text(extent)
    }

    /// A reveal is in the log before it is answered.
    private func log(_ peer: PeerRecord, _ context: APIContext) async throws {
        let author = context.author
        _ = try await plane.store.write { try $0.log(.reveal, of: peer.object, by: author) }
    }
}

extension EndpointChoice {
    /// Where the tunnel's clients reach it; throws 409 if nothing says so.
    func endpoint(for tunnel: TunnelRecord) throws(Problem) -> PublicEndpoint {
        guard let endpoint = endpoint(of: tunnel.endpoint) else {
            throw Problem(
                .noEndpoint, field: "endpoint",
                "nothing says how clients reach this host: set the tunnel's endpoint, or the setting public-endpoint")
        }
        return endpoint
    }
}
