import Wire

/// What a client's `DNS` line holds: addresses of servers, and search domains (wg-quick(8)).
struct DNSServers: CommaListValue {
    static let limit = 16
    static let noun = "entry"

    let elements: [Entry]

    init(checking elements: [Entry]) throws(ValueError) {
        if let entry = elements.firstRepeat { throw ValueError("has \(entry) twice") }
        self.elements = elements
    }

    enum Entry: TextValue {
        case server(IPAddress)
        case domain(HostName)

        init(_ text: String) throws(ValueError) {
            if let address = try? IPAddress(text) {
                guard address.isUnicast else { throw ValueError("must be the address of a server, not \(address)") }
                self = .server(address)
            } else {
                self = .domain(try HostName(text))
            }
        }

        var description: String {
            switch self {
            case .server(let address): address.description
            case .domain(let name): name.description
            }
        }
    }
}
