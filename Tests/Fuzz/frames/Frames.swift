import Glibc
import Wire

/// The wall: bytes as they come in on the helper's socket, and as the helper's answers reach the API daemon.
///
/// The input is a stream of frames. Besides, what follows its first four bytes is read as the body of one frame, whatever
/// length they announce.
enum Frames {
    static func run(_ input: UnsafeRawBufferPointer) {
        stream(input)
        let body = Bytes(input.dropFirst(Frame.headerLength))
        value(body)
        if let request = read({ () throws(Refusal) in try Request(frame: body) }) {
            Checks.take()
            same(request)
        }
        reply(Greet.self, body)
        reply(Seal.self, body)
        reply(Reveal.self, body)
        reply(ApplyTunnel.self, body)
        reply(ApplyPeers.self, body)
        reply(RemoveTunnel.self, body)
        reply(ReadTunnel.self, body)
        reply(Inventory.self, body)
    }

    // MARK: The stream

    /// What the helper's reader takes out of a socket is what the lengths announce, and nothing of what follows a frame.
    private static func stream(_ input: UnsafeRawBufferPointer) {
        var ends: [Int32] = [-1, -1]
        Checks.require(socketpair(AF_UNIX, streamType, 0, &ends) == 0, "a socket pair is made")
        defer { close(ends[0]) }
        Checks.require(write(ends[1], input.baseAddress, input.count) == input.count, "the input fits the socket")
        close(ends[1])
        var rest = input[...]
        var reader = FrameReader()
        while true {
            let event = read { () throws(Refusal) in try reader.read(from: ends[0]) }
            var unread: Int32 = 0
            _ = ioctl(ends[0], UInt(FIONREAD), &unread)
            let header = rest.prefix(Frame.headerLength)
            let length = header.reduce(0) { $0 << 8 | Int($1) }
            switch event {
            case nil:
                Checks.require(
                    header.count == 4 && !(1...Frame.maximumLength).contains(length), "a good length is taken")
                Checks.require(Int(unread) == rest.count - 4, "nothing behind a bad length is read")
                return
            case .frame(let body):
                let expected = rest.dropFirst(4).prefix(length)
                Checks.require(body.count == length, "a frame has the length that it announced")
                Checks.require(
                    body.withUnsafeBytes { $0.elementsEqual(expected) }, "a frame is the bytes that were sent")
                rest = rest.dropFirst(4 + length)
                Checks.require(Int(unread) == rest.count, "nothing behind a frame is read")
            case .end(let midFrame):
                Checks.require(midFrame == !rest.isEmpty, "a frame that is cut off is told from an end between frames")
                return
            case .wait: Checks.fail("a socket that was closed has an end")
            }
        }
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

    // MARK: Bodies

    /// What parses is written to something that parses to the same.
    private static func value(_ body: Bytes) {
        guard let json = try? JSONParser.parse(body) else { return }
        let again = Checks.must("what was written is parsed") { try JSONParser.parse(json.serialized) }
        Checks.require(again == json, "a value that was written and parsed is the same")
    }

    private static func same(_ request: Request) {
        let frame = Checks.must("a request is written") { try request.frame() }
        let again = Checks.must("a written request is read") { try Request(frame: content(of: frame)) }
        Checks.require(again.kind == request.kind, "a request keeps its verb")
        let second = Checks.must("a request is written again") { try again.frame() }
        Checks.require(equal(frame, second), "a request that was written and read is the same")
    }

    private static func reply<Asked: Verb>(_ verb: Asked.Type, _ body: Bytes) {
        guard let reply = read({ () throws(Refusal) in try Reply<Asked>(frame: body) }) else { return }
        Checks.take()
        let frame = Checks.must("a reply is written") { try reply.frame() }
        let again = Checks.must("a written reply is read") { try Reply<Asked>(frame: content(of: frame)) }
        let second = Checks.must("a reply is written again") { try again.frame() }
        Checks.require(equal(frame, second), "a reply that was written and read is the same")
    }

    /// What `body` gives. A refusal is one line for the journal, and can be sent.
    private static func read<Value>(_ body: () throws(Refusal) -> Value) -> Value? {
        do {
            return try body()
        } catch {
            Checks.require(Checks.isOneLine(error.description), "a refusal is one line: \(error)")
            let frame = Checks.must("a refusal is written") { try error.frame() }
            let reply = Checks.must("a written refusal is read") { try Reply<Greet>(frame: content(of: frame)) }
            guard case .refused(error) = reply else {
                Checks.fail("a refusal that was written and read is the same: \(error)")
            }
            return nil
        }
    }

    /// The body of a frame, whose length is right.
    private static func content(of frame: Bytes) -> Bytes {
        frame.withUnsafeBytes { bytes in
            let header = UnsafeRawBufferPointer(rebasing: bytes.prefix(Frame.headerLength))
            let length = try? Frame.length(of: header)
            Checks.require(length == bytes.count - Frame.headerLength, "a written frame announces its length")
            return Bytes(bytes.dropFirst(Frame.headerLength))
        }
    }

    private static func equal(_ left: Bytes, _ right: Bytes) -> Bool {
        left.withUnsafeBytes { first in right.withUnsafeBytes { second in first.elementsEqual(second) } }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    Frames.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
