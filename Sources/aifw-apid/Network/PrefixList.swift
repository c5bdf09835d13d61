import Wire

/// Networks that a client sends through its tunnel (`split_routes`, `client_routes`): no network twice.
struct PrefixList: CommaListValue {
    static let limit = 256
    static let noun = "network"

    let elements: [Prefix]

    init(checking elements: [Prefix]) throws(ValueError) {
        if let prefix = elements.firstRepeat { throw ValueError("has \(prefix) twice") }
        self.elements = elements
    }
}
