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
    ///
    /// - Parameter progress: told how many bytes of the file have gone out, or of the answer have come in.
    func send(_ request: Request, _ progress: Progress? = nil) throws(Failure) -> Response {
        let socket = if let connection, !connection.isSpent { connection } else { try UnixSocket(path: socketPath) }
        connection = nil
        try socket.send(request.serialized)
        if let file = request.file { try send(file, over: socket, progress) }
        var reader = ResponseReader { (bytes) throws(Failure) in
            let count = try socket.receive(into: bytes)
            if request.file == nil { progress?.add(count) }
            return count
        }
        let response = try reader.response()
        progress?.end()
        if response.reusable { connection = socket }
        guard response.status < 400 else { throw .refused(Problem(response, to: request)) }
        guard response.status < 300 else { throw .notUnderstood("status \(response.status)") }
        return response
    }

    /// A daemon that has refused the file does not read it to its end: then its answer is what counts.
    private func send(_ file: Bytes, over socket: UnixSocket, _ progress: Progress?) throws(Failure) {
        var position = 0
        while position < file.count {
            let end = min(position + 65_536, file.count)
            let part = Bytes(capacity: end - position)
            file.withUnsafeBytes { part.append(UnsafeRawBufferPointer(rebasing: $0[position..<end])) }
            do throws(Failure) {
                try socket.send(part)
            } catch .connectionLost {
                return
            }
            progress?.add(end - position)
            position = end
        }
    }
}
