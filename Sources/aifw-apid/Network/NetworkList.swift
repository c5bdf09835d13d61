import Wire

/// The networks on one side of an association in tunnel mode (`src_networks`, `dst_networks`): at least one, none twice.
struct NetworkList: CommaListValue {
    static let limit = 16
    static let noun = "network"

    let elements: [Prefix]

    init(checking elements: [Prefix]) throws(ValueError) {
        if let prefix = elements.firstRepeat { throw ValueError("has \(prefix) twice") }
        self.elements = elements
    }
}
