import CCap
import CLinux
import Daemon
import Glibc
import Testing
import Wire

@testable import aifw_launcher
@testable import aifw_privd

@Suite struct `The launcher` {
    private static func wg7() throws -> TunnelInterface { try TunnelInterface(number: 7) }

    @Test(arguments: [
        ("exit 3", "wireguard-go for wg7 ended at once with status 3; aifw-launcher's log may say why"),
        ("kill -9 $$", "wireguard-go for wg7 was ended by signal 9 at once"),
        ("exec sleep 60", "wireguard-go for wg7 took no connection in time and was ended"),
    ])
    func `A program that does not come up is told of`(script: String, words: String) throws {
        // Who ends at once may take its time to be started.
        let rig = LauncherRig(script: script, patience: script.contains("sleep") ? 300 : 5_000)
        defer { rig.finish() }
        let refusal = #expect(throws: Refusal.self) { try rig.launcher.start(Self.wg7()) }
        #expect(refusal == Refusal(.launcher, words, field: "interface"))
    }

    @Test func `What a program says before it fails is a line of the journal`() throws {
        let rig = LauncherRig(script: "echo 'ERROR: (wg7) no TUN device'; echo more; exit 1")
        #expect(throws: Refusal.self) { try rig.launcher.start(Self.wg7()) }
        rig.finish()
        #expect(rig.journal == ["wireguard-go for wg7: ERROR: (wg7) no TUN device"])
    }

    @Test func `A program may write on and on, whether or not its launcher is still there`() throws {
        let rig = LauncherRig(
            script: """
                touch ready
                while [ ! -e gone ]; do :; done
                for number in $(seq 1000); do echo "line $number" 2> /dev/null; done
                echo "$$ $(stat -L -c %s /proc/$$/fd/1)" > size
                mv size written
                exec sleep 60
                """)
        let server = JoinableThread { rig.serveWhenReady() }
        try rig.launcher.start(Self.wg7())
        close(server.join())
        rig.finish()
        rig.folder.write("gone", [], mode: 0o600)
        while rig.folder.read("written") == nil { usleep(1000) }
        let words = rig.text("written").split(whereSeparator: \.isWhitespace)
        let process = try #require(pid_t(words[0]))
        defer { end(process) }
        #expect(words[1] == "4096")
        #expect(kill(process, 0) == 0)
        #expect(rig.journal.isEmpty)
    }

    @Test func `A program that can't be executed is told of with its errno`() throws {
        let rig = LauncherRig(script: "", mode: 0o644)
        defer { rig.finish() }
        let refusal = #expect(throws: Refusal.self) { try rig.launcher.start(Self.wg7()) }
        #expect(refusal?.errno == EACCES)
    }

    @Test func `A socket that is served already is not taken for the new program's`() throws {
        let rig = LauncherRig(script: "touch started")
        defer { rig.finish() }
        rig.folder.write("ready", [], mode: 0o600)
        let other = rig.serveWhenReady()
        defer { close(other) }
        let refusal = #expect(throws: Refusal.self) { try rig.launcher.start(Self.wg7()) }
        #expect(refusal?.errno == EEXIST)
        #expect(rig.folder.read("started") == nil)
    }

    @Test func `The program gets a bare process of its own and outlives its launcher`() throws {
        let rig = LauncherRig(
            script: """
                tr '\\0' '\\n' < /proc/$$/cmdline > arguments
                tr '\\0' '\\n' < /proc/$$/environ > environment
                ls -l /proc/$$/fd | grep -o '[0-9]* -> .*' > descriptors
                cut -d ' ' -f 6 /proc/$$/stat > session
                # By the shell itself, which blocks signals for a moment whenever it starts a program.
                while read -r line; do case $line in SigBlk* | SigIgn*) echo "$line" ;; esac; done < /proc/$$/status > signals
                echo $$ > process
                mv process ready
                exec sleep 60
                """)
        // Would be inherited if the launcher did not see to it.
        let stray = open("/dev/null", O_RDONLY)
        defer { close(stray) }
        signal(SIGUSR2, SIG_IGN)
        let server = JoinableThread { rig.serveWhenReady() }
        try rig.launcher.start(Self.wg7())
        close(server.join())
        let process = try #require(pid_t(rig.text("ready").split(separator: "\n").first.map(String.init) ?? ""))
        defer { end(process) }

        // The script's interpreter stands before its path; what follows are the arguments.
        #expect(rig.text("arguments").hasSuffix("program\n-f\nwg7\n"))
        #expect(rig.text("environment") == "WG_PROCESS_FOREGROUND=1\n")
        #expect(rig.text("session") == "\(process)\n")
        let signals = rig.text("signals").split(separator: "\n").map { UInt64($0.suffix(16), radix: 16) ?? .max }
        // Two signals of glibc's own (32 and 33) are ignored in whatever posix_spawn(3) starts.
        #expect(signals.map { $0 & 0x7FFF_FFFF } == [0, 0])
        let descriptors = rig.text("descriptors").split(separator: "\n")
        #expect(descriptors.contains("0 -> /dev/null") && descriptors.contains("1 -> /memfd:aifw (deleted)"))
        // The shell itself keeps its script open, under 10; the launcher's end of the pair would be a socket.
        #expect(!descriptors.dropFirst(3).contains { $0.contains("socket") || $0.contains("/dev/null") })

        rig.finish()
        #expect(kill(process, 0) == 0)
    }

    @Test func `What is no request is not answered, and goes into the journal`() {
        let rig = LauncherRig(script: "touch started")
        let packets = Packets(descriptor: UnixSocket.make(.packets))
        #expect(UnixSocket.withAddress("\(rig.folder.path)/launcher.sock") { connect(packets.descriptor, $0, $1) } == 0)
        #expect(packets.send([1, 0, 255, 255, 0, 0]))
        #expect(packets.waits(atMost: 5_000) && packets.receive() == nil)
        close(packets.descriptor)
        rig.finish()
        #expect(rig.folder.read("started") == nil)
        #expect(rig.journal == ["closed a connection of process \(getpid()): it asked for nothing"])
    }

    @Test func `Another account's connection is closed`() {
        let rig = LauncherRig(script: "touch started", peerUser: geteuid() + 1)
        let refusal = #expect(throws: Refusal.self) { try rig.launcher.start(Self.wg7()) }
        #expect(refusal?.message == "wireguard-go for wg7 can't be started: aifw-launcher hung up")
        rig.finish()
        #expect(rig.folder.read("started") == nil)
        #expect(rig.journal.count == 1 && rig.journal[0].hasSuffix("only user \(geteuid() + 1) may connect"))
    }

    @Test func `Where no launcher answers, the refusal says where it should`() {
        let refusal = #expect(throws: Refusal.self) { try Launcher(path: "/nowhere/launcher.sock").start(Self.wg7()) }
        #expect(refusal?.errno == ENOENT)
        #expect(
            refusal?.message.hasSuffix("aifw-launcher does not answer at /nowhere/launcher.sock: is it running?")
                == true)
    }

    @Test func `wireguard-go's own libraries are found, and a program that others could change is refused`() throws {
        let program = try Program("/usr/bin/wireguard-go", "wireguard-go")
        #expect(program.linker?.hasPrefix("/lib") == true)
        #expect(
            program.libraries.allSatisfy { $0.hasPrefix("/") } && program.libraries.contains { $0.contains("libc.so") })
        let folder = TemporaryFolder()
        folder.write("program", Array("#!/bin/sh\n".utf8), mode: 0o775)
        let error = #expect(throws: StartupError.self) { _ = try Program("\(folder.path)/program", "pfctl") }
        #expect(error?.description.contains("can be written by others") == true)
    }
}

/// Kills a child and takes its status: a child that has ended and is not waited for keeps exit tests waiting.
private func end(_ process: pid_t) {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
}
