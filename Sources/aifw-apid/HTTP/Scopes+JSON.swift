import Wire

extension Scopes {
    /// A list of names such as `["vpn:read"]`, not empty.
    init(json: JSON) throws(ValueError) {
        let known = Self.named.map(\.name).joined(separator: ", ")
        guard let elements = json.elements, !elements.isEmpty else {
            throw ValueError("must be a list of at least one of \(known)")
        }
        self = []
        for element in elements {
            guard let scope = element.text.flatMap(Scopes.init(name:)) else {
                throw ValueError("must have nothing but \(known)")
            }
            insert(scope)
        }
    }

    var json: JSON { .array(names.map(JSON.text)) }
}
