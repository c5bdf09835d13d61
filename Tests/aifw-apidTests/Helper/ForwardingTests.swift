import Foundation
import Testing
import Wire

@testable import aifw_apid

struct ForwardingTests {
    @Test(arguments: [("0\n", true), ("1\n", false), ("", false)])
    func `A host that says no forwards nothing`(text: String, isOff: Bool) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "aifw-sys-\(ObjectID.random())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (family, path) in [(IPAddress.Family.v4, "net/ipv4"), (.v6, "net/ipv6/conf/all")] {
            let folder = root.appending(path: path)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appending(path: family == .v4 ? "ip_forward" : "forwarding")
            #expect(!Forwarding.isOff(family, under: root.path()), "a kernel that does not say")
            try Data(text.utf8).write(to: file)
            #expect(Forwarding.isOff(family, under: root.path()) == isOff)
        }
    }
}
