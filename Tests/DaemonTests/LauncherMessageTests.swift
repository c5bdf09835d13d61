import Testing

@testable import Daemon

@Suite struct `Messages of the launcher` {
    @Test(arguments: [0, 7, 255, 256, 9999] as [UInt16])
    func `A request comes back as it was sent`(number: UInt16) {
        #expect(LauncherRequest(LauncherRequest(number: number).bytes[...])?.number == number)
    }

    @Test(
        arguments: [
            [], [1, 0, 7], [1, 0, 7, 0, 0], [0, 0, 7, 0], [2, 0, 7, 0], [1, 1, 7, 0], [1, 0, 0x10, 0x27],
            [1, 0, 255, 255],
        ] as [[UInt8]])
    func `Anything but a start of wg0 to wg9999 is refused`(bytes: [UInt8]) {
        #expect(LauncherRequest(bytes[...]) == nil)
    }

    @Test(arguments: [.ready, .failed(2), .exited(127), .killed(9), .late] as [LauncherReply])
    func `A reply comes back as it was sent`(reply: LauncherReply) {
        #expect(LauncherReply(reply.bytes[...]) == reply)
    }

    @Test(arguments: [[], [0], [0, 0, 0, 0], [5, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]] as [[UInt8]])
    func `What is no reply is refused`(bytes: [UInt8]) {
        #expect(LauncherReply(bytes[...]) == nil)
    }
}
