import Wire

/// The addresses that belong to a peer: what it may send from, and what is sent to it. A bare address is /32 or /128.
///
/// In answers it is an array; it is taken as an array or as one string with commas.
struct AllowedIPs: CommaListValue {
    /// The most of one peer; sixteen such peers fill a request to the helper (``ApplyPeers/prefixLimit``).
    static let limit = 256
    static let noun = "prefix"

    let elements: [Prefix]

    init(checking elements: [Prefix]) throws(ValueError) {
        if let prefix = elements.firstRepeat { throw ValueError("has \(prefix) twice") }
        self.elements = elements
    }

    var json: JSON { .array(elements.map(\.json)) }

    /// What a request says of them: the word "auto" asks for the next free address.
    enum Choice: WireValue, Equatable {
        case auto
        case given(AllowedIPs)

        init(json: JSON) throws(ValueError) {
            self = json.text == "auto" ? .auto : .given(try AllowedIPs(json: json))
        }

        var json: JSON {
            switch self {
            case .auto: "auto"
            case .given(let prefixes): prefixes.json
            }
        }
    }
}
