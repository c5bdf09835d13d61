import NIOCore

/// How long a connection may take for what.
struct Timeouts: Sendable {
    /// How fast a body has to come in the long run.
    struct Pace: Sendable {
        /// So much time any body may take.
        var grace = Duration.seconds(20)
        /// Bytes a second, beyond that.
        var bytes = 64 << 10

        /// In what time so many bytes must have come.
        func time(for count: Int) -> Duration { grace + .milliseconds(Int64(count) * 1000 / Int64(bytes)) }
    }

    /// From the connection to the end of the TLS handshake.
    var handshake = TimeAmount.seconds(10)
    /// From the first byte of a request's head to its last, with HTTP/1. With HTTP/2 it ends with ``idle``.
    var head = TimeAmount.seconds(10)
    /// Between requests, and between two parts of a body.
    var idle = TimeAmount.seconds(60)
    /// For a whole body.
    var body = Pace()
    /// For each slice of a long answer to be taken.
    var slice = TimeAmount.seconds(20)
    /// How long open requests may go on when the server is told to stop.
    var closing = Duration.seconds(5)

    /// How much longer than ``idle`` a connection may wait before it is closed whatever state its protocol is in.
    static let overtime = TimeAmount.seconds(15)
}
