import CLinux
import Glibc
import Testing

@testable import Daemon

@Suite struct `Messages of the launcher` {
    @Test(
        arguments: [
            .start(0), .start(7), .start(255), .start(256), .start(9999), .loadAnchor(length: 0),
            .loadAnchor(length: 70_000), .loadAnchor(length: Packets.textLimit), .showAnchor,
        ] as [LauncherRequest])
    func `A request comes back as it was sent`(request: LauncherRequest) {
        #expect(request.bytes.count == LauncherRequest.length)
        #expect(LauncherRequest(request.bytes[...]) == request)
    }

    @Test(
        arguments: [
            [], [1, 0, 7, 0, 0], [1, 0, 7, 0, 0, 0, 0], [0, 0, 7, 0, 0, 0], [4, 0, 0, 0, 0, 0], [1, 1, 7, 0, 0, 0],
            [1, 0, 0x10, 0x27, 0, 0], [1, 0, 7, 0, 1, 0], [1, 0, 255, 255, 255, 255],
            // A byte too long; a negative length, if it were one; words behind "show".
            [2, 0, 1, 0, 0x40, 0], [2, 0, 255, 255, 255, 255], [3, 0, 1, 0, 0, 0],
        ] as [[UInt8]])
    func `Anything but a start of wg0 to wg9999, a text to load, and the wish to see it is refused`(bytes: [UInt8]) {
        #expect(LauncherRequest(bytes[...]) == nil)
    }

    @Test(
        arguments: [.ready, .failed(2), .exited(127), .killed(9), .late, .printed(length: 300), .complained(length: 0)]
            as [LauncherReply])
    func `A reply comes back as it was sent`(reply: LauncherReply) {
        #expect(LauncherReply(reply.bytes[...]) == reply)
    }

    @Test(
        arguments: [
            [], [0], [0, 0, 0, 0], [7, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [5, 1, 0, 0x40, 0],
            [6, 0, 0, 0, 0x80],
        ] as [[UInt8]])
    func `What is no reply is refused`(bytes: [UInt8]) {
        #expect(LauncherReply(bytes[...]) == nil)
    }

    @Test(arguments: [0, 1, 100_000, 300_000])
    func `A text comes through whole, whatever it is divided into`(length: Int) {
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let (near, far) = connected()
        // From a thread of its own: more than a socket holds is sent only as it is taken.
        let sending = Thread { _ = near.send(text: text, within: 10_000) }
        #expect(far.receive(text: length, within: 10_000) == text)
        sending.join()
        close(near.descriptor)
        close(far.descriptor)
    }

    @Test func `A text that is longer than was told, ends before, or does not come is none`() {
        let (near, far) = connected()
        #expect(near.send(text: [1, 2, 3], within: 1_000))
        #expect(far.receive(text: 2, within: 1_000) == nil)
        #expect(far.receive(text: 2, within: 10) == nil)
        #expect(near.send(text: [1], within: 1_000))
        close(near.descriptor)
        #expect(far.receive(text: 2, within: 1_000) == nil)
        close(far.descriptor)
    }

    private func connected() -> (Packets, Packets) {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, AIFW_TYPE_PACKETS | AIFW_ACCEPTED, 0, &ends) == 0)
        return (Packets(descriptor: ends[0]), Packets(descriptor: ends[1]))
    }
}

/// A thread that is waited for.
private final class Thread {
    private var thread = pthread_t()

    init(_ body: @escaping () -> Void) {
        final class Box {
            let body: () -> Void
            init(_ body: @escaping () -> Void) { self.body = body }
        }
        pthread_create(
            &thread, nil,
            { pointer in
                Unmanaged<Box>.fromOpaque(pointer!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
