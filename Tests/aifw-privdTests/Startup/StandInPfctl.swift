import Foundation
import Glibc
import Testing

@testable import aifw_launcher

/// Tests/System/pf/pfctl.c, compiled, with a file that stands for pf's device.
final class StandInPfctl {
    /// A text that it refuses in a rule.
    static let marker = "port 666 "

    let folder = TemporaryFolder()
    var program: String { "\(folder.path)/pfctl" }
    var pfctl: Pfctl { Pfctl(program: program) }
    /// What is loaded.
    var loaded: String {
        let device = FileManager.default.contents(atPath: "\(folder.path)/device") ?? Data()
        return String(decoding: device.prefix { $0 != 0 }, as: UTF8.self)
    }

    init() throws {
        folder.write("device", [], mode: 0o600)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../System/pf/pfctl.c")
        var compiler: pid_t = 0
        // Not by Foundation's Process: see Curl of aifw-apidTests.
        let code = Spawn.start(
            "/usr/bin/cc",
            [
                "cc", "-O1", "-Wall", "-Werror", "-DDEVICE=\"\(folder.path)/device\"", "-DMARKER=\"\(Self.marker)\"",
                "-o", program, source.path,
            ], environment: ["PATH=/usr/bin:/bin"], Spawn.Streams(output: STDERR_FILENO), &compiler)
        try #require(code == 0)
        try #require(Spawn.end(of: compiler) == 0)
    }
}
