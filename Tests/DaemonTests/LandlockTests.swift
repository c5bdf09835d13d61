import CCap
import Glibc
import Testing

@testable import Daemon

@Suite struct `The cage around files` {
    @Test func `Nothing can be opened any more but what a rule names, and only so`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            try check(aifw_prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS")
            let null = open("/dev/null", O_RDWR)
            let step = Landlock([("/dev/null", .readFile), ("/nowhere/at/all", .readFile)]).step
            try step.take()
            var faults: [String] = []
            if step.undo() { faults.append("it can be undone") }
            if open("/etc/passwd", O_RDONLY) >= 0 { faults.append("/etc/passwd can be read") }
            if open("/dev/null", O_WRONLY) >= 0 { faults.append("/dev/null can be written") }
            if open("/dev/null", O_RDONLY) < 0 { faults.append("/dev/null can't be read") }
            if write(null, "x", 1) != 1 { faults.append("what was open before can't be written") }
            if mkdir("/tmp/aifw-landlock-test", 0o700) == 0 { faults.append("a folder can be made") }
            for fault in faults { print(fault) }
            exit(faults.isEmpty ? 0 : 1)
        }
    }

    @Test func `Without the step, the attempt to undo it says so`() {
        #expect(Landlock().step.undo())
    }

    @Test(
        arguments: [(1, 0x1FFF), (2, 0x3FFF), (3, 0x7FFF), (4, 0x7FFF), (5, 0xFFFF), (7, 0xFFFF)] as [(Int32, UInt64)])
    func `Each version of Landlock is asked for what it knows`(abi: Int32, rights: UInt64) {
        #expect(Landlock.Rights.known(toABI: abi).rawValue == rights)
    }
}
