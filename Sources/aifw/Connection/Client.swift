internal import Wire

/// The API daemon as the commands see it: HTTP/1.1 over its Unix socket, one request at a time, one connection for all.
///
/// The socket's permissions are the authentication: who may connect is an administrator.
final class Client {
    let socketPath: String
    private var connection: UnixSocket?

    init(socketPath: String) {
        self.socketPath = socketPath
    }

    /// Sends the request and returns the answer; throws ``Failure/refused(_:)`` for every status from 400.
    func send(_ request: Request) throws(Failure) -> Response {
        let socket = if let connection { connection } else { try UnixSocket(path: socketPath) }
        connection = nil
        try socket.send(request.serialized)
        var reader = ResponseReader { (bytes) throws(Failure) in try socket.receive(into: bytes) }
        let response = try reader.response()
        if response.reusable { connection = socket }
        guard response.status < 400 else { throw .refused(Problem(response)) }
        guard response.status < 300 else { throw .notUnderstood("status \(response.status)") }
        return response
    }
}
