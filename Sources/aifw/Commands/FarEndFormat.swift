internal import ArgumentParser

/// In what form the far end of an association gets its configuration.
enum FarEndFormat: String, ExpressibleByArgument, CaseIterable {
    /// A script for sh that has `ip xfrm` install it.
    case xfrm
    /// A file for setkey(8) of ipsec-tools.
    case setkey
    /// What `aifw vpn ipsec-add --from` and the API of another AiFw take.
    case json

    var mediaType: String { self == .json ? "application/json" : "text/plain" }

    /// What is to be done with the file there.
    func advice(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return switch self {
        case .xfrm: "On the far end, as root: sh \(name)"
        case .setkey: "On the far end, as root: setkey -f \(name)"
        case .json: "On the far end: aifw vpn ipsec-add --from \(name)"
        }
    }
}
