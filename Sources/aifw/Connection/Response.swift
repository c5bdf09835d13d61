internal import Wire

/// An answer of the API daemon.
struct Response {
    /// The status code: 200…599; informational answers are skipped.
    let status: Int
    /// The header fields in their order, names in lower case.
    let fields: [(name: String, value: String)]
    /// The content without its transfer coding, in memory that is wiped: it may hold a configuration or a token.
    let body: Bytes
    /// Whether the connection may carry another request.
    let reusable: Bool

    /// The value of the first field of that name, given in lower case.
    func field(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// The content read as JSON.
    func json() throws(Failure) -> JSON {
        do {
            return try JSONParser.parse(body)
        } catch {
            throw .notUnderstood("its body is not JSON: \(error)")
        }
    }
}
