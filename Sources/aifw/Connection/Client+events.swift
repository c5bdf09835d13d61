internal import Wire

extension Client {
    /// Sends the request and hands over the content of the answer as it comes, until it ends. Throws as ``send(_:)`` does.
    func stream(_ request: Request, _ take: (Bytes) throws(Failure) -> Void) throws(Failure) {
        let socket = try UnixSocket(path: socketPath)
        try socket.send(request.serialized)
        var reader = ResponseReader { (bytes) throws(Failure) in try socket.receive(into: bytes) }
        let head = try reader.head()
        guard head.status == 200 else {
            let response = try reader.response(after: head)
            guard response.status < 400 else { throw .refused(Problem(response, to: request)) }
            throw .notUnderstood("status \(response.status)")
        }
        guard head.field("content-type") == "text/event-stream" else {
            throw .notUnderstood("it is no event stream")
        }
        while let chunk = try reader.chunk(after: head) { try take(chunk) }
    }
}

extension Failure {
    /// Whether it may be over by itself soon, as when the daemon is started anew.
    var isPassing: Bool {
        switch self {
        case .unreachable(_, let reason, _): !isPermission(reason)
        case .connectionLost, .timedOut: true
        case .refused(let problem): problem.status == 503
        default: false
        }
    }
}
