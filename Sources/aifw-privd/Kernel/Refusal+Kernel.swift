internal import Glibc
internal import Wire

extension Refusal {
    /// What the kernel, or wireguard-go, would not do: "cannot <doing>: <its words>".
    ///
    /// - Parameters:
    ///   - number: the error number (errno(3)).
    ///   - doing: what was tried, such as "set the MTU of wg0".
    ///   - detail: what the kernel said besides its number.
    init(kernel number: Int32, _ doing: String, detail: String? = nil, field: String? = nil) {
        let words = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        let message = "cannot \(doing): \(words)\(detail.map { " (\($0))" } ?? "")"
        self.init(.kernel, message, field: field, errno: number > 0 && number < 4096 ? number : EPROTO)
    }
}
