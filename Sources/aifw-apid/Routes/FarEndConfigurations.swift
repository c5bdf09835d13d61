import HTTPTypes
import HummingbirdCore
import Wire

/// `/api/v1/vpn/ipsec/{id}/config`: what the far end of an association needs, its keys among it.
struct FarEndConfigurations: Sendable {
    let plane: ControlPlane

    private enum Form: String, CaseIterable {
        case xfrm, setkey, json
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let query = context.query
        let form = query.choice("format", as: Form.self) ?? .xfrm
        try query.finish()
        let id = try context.id("id")
        let association = try await plane.store.read { try $0.association(id) }
        let farEnd = try await farEnd(of: association)
        // A reveal is in the log before it is answered.
        let author = context.author
        _ = try await plane.store.write { try $0.log(.reveal, of: association.object, by: author) }
        switch form {
        case .xfrm: return Self.file(FarEndScript(farEnd: farEnd).text, of: association, "sh")
        case .setkey: return Self.file(FarEndSetkey(farEnd: farEnd).text, of: association, "conf")
        case .json: return Response.bytes(FarEndJSON(farEnd: farEnd).text, type: "application/json").notStored
        }
    }

    private static func file(_ text: Bytes, of association: AssociationRecord, _ suffix: String) -> Response {
        var response = Response.bytes(text, type: "text/plain; charset=utf-8").notStored
        response.headers[.contentDisposition] = ContentDisposition.attachment(
            name: "\(association.name).\(suffix)", fallback: "\(ConfigurationFileName(association.name).stem).\(suffix)"
        )
        return response
    }

    /// With the keys opened by the helper.
    private func farEnd(of association: AssociationRecord) async throws -> FarEnd {
        let slots = AssociationKeySlot.allCases.filter { association.keyLength(of: $0) != nil }
        let items = slots.compactMap { slot in
            association.keys[slot].map {
                Reveal.Item(object: association.id, purpose: slot.purpose, secret: $0.secret)
            }
        }
        let secrets = try await plane.reader.call(Reveal(items)).secrets
        guard secrets.count == slots.count,
            let farEnd = FarEnd(
                of: association.terms, keys: Dictionary(uniqueKeysWithValues: zip(slots, secrets)))
        else { throw HelperError.unavailable("it opened fewer keys than it was asked to, or others") }
        return farEnd
    }
}
