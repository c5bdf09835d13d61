import Daemon
import Foundation
import Testing
import Wire

@testable import aifw_privd

/// Starts real wireguard-go processes for tests, as the launcher does: in the foreground, without a terminal or environment.
final class RealWireGuardGo: WireGuardGoStarting {
    static let path = "/usr/bin/wireguard-go"

    private(set) var processes: [String: Process] = [:]

    func start(_ interface: TunnelInterface) throws(Refusal) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["-f", interface.description]
        process.environment = ["LOG_LEVEL": "silent"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw Refusal(.launcher, "can't start wireguard-go")
        }
        processes[interface.description] = process
        // Each try is a connection; the program is up within some 15 ms.
        for _ in 0..<5_000 where process.isRunning {
            if UnixSocket.answers("/run/wireguard/\(interface).sock") { return }
            usleep(1_000)
        }
        throw Refusal(.launcher, "wireguard-go does not answer")
    }

    /// Whether it still runs, as the kernel says: `Process` learns of an end a moment later.
    func isRunning(_ interface: TunnelInterface) -> Bool {
        guard let process = processes[interface.description],
            let state = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        else { return false }
        return !state.contains(") Z ")
    }

    /// Kills it as a crash would, and waits until it is gone.
    func kill(_ interface: TunnelInterface) {
        guard let process = processes[interface.description] else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Stops it where it is, as a debugger would.
    func freeze(_ interface: TunnelInterface) {
        guard let process = processes[interface.description] else { return }
        Foundation.kill(process.processIdentifier, SIGSTOP)
    }

    deinit {
        for process in processes.values where process.isRunning { process.terminate() }
    }
}

/// Runs a program of the system and gives back what it printed; fails the test if it fails.
@discardableResult
func run(_ words: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(words.joined(separator: " "))")
    return String(decoding: bytes, as: UTF8.self)
}
