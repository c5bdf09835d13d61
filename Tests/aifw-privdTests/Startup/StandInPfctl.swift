import Foundation
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
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        compiler.arguments = [
            "-O1", "-Wall", "-Werror", "-DDEVICE=\"\(folder.path)/device\"", "-DMARKER=\"\(Self.marker)\"", "-o",
            program, source.path,
        ]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
    }
}
