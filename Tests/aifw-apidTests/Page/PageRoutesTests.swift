import CPage
import Foundation
import HTTPTypes
import HummingbirdCore
import Testing
import Wire

@testable import aifw_apid

/// What is answered at the page's paths. That it is what arrives, over TLS, is in Tests/System.
struct PageRoutesTests {
    private static let small = Array("x".utf8)
    private static let large = Array(String(repeating: "the quick brown fox ", count: 1000).utf8)

    /// What a file of these bytes is answered with.
    private func answer<Result>(
        of bytes: [UInt8], to headers: HTTPFields, _ body: (Response) throws -> Result
    ) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { content in
            try "lib/fox.js".withCString { path in
                try "text/javascript; charset=utf-8".withCString { type in
                    let file = page_file(path: path, type: type, bytes: content.baseAddress, length: content.count)
                    return try body(PageFile(file).response(to: headers))
                }
            }
        }
    }

    @Test func `who takes gzip gets gzip, with a tag of its own`() throws {
        let plain = answer(of: Self.large, to: [:]) { $0 }
        let packed = answer(of: Self.large, to: [.acceptEncoding: "gzip"]) { $0 }
        #expect(plain.body.contentLength == Self.large.count && plain.headers[.contentEncoding] == nil)
        #expect(try #require(packed.body.contentLength) < Self.large.count / 10)
        #expect(packed.headers[.contentEncoding] == "gzip")
        #expect(plain.headers[.eTag] != nil && packed.headers[.eTag] != nil)
        #expect(plain.headers[.eTag] != packed.headers[.eTag])
        for response in [plain, packed] {
            #expect(response.headers[.vary] == "Accept-Encoding")
            #expect(response.headers[.cacheControl] == "no-cache")
            #expect(response.headers[.contentType] == "text/javascript; charset=utf-8")
        }
    }

    @Test func `what gzip would make longer is sent as it is`() {
        answer(of: Self.small, to: [.acceptEncoding: "gzip"]) { response in
            #expect(response.body.contentLength == 1 && response.headers[.contentEncoding] == nil)
            #expect(response.headers[.vary] == "Accept-Encoding")
        }
    }

    @Test(arguments: [[], small, large])
    func `gzip(1) expands what was packed to the same, and it is the same each time`(bytes: [UInt8]) async throws {
        let packed = try #require(bytes.withUnsafeBytes(Gzip.packed)).withUnsafeBytes(Array.init)
        let again = try #require(bytes.withUnsafeBytes(Gzip.packed)).withUnsafeBytes(Array.init)
        #expect(packed == again)
        try await withLiveFolder { folder in
            try Data(packed).write(to: URL(filePath: folder + "/fox.gz"))
            let expanded = try await Curl.run("/usr/bin/gzip", ["-dc", folder + "/fox.gz"])
            #expect(expanded == String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func `every file has its path, and every place of the page is the page`() {
        let paths = PageRoutes.routes().map(\.path)
        #expect(paths == PageRoutes.places + PageFile.all.map { "/page/" + $0.path })
        #expect(PageRoutes.routes().allSatisfy { $0.method == .get && $0.access == .open })
    }

    @Test func `who has the page already keeps its policies`() {
        let fields: HTTPFields = [
            .eTag: "\"a\"", .vary: "Accept-Encoding", .contentSecurityPolicy: "default-src 'none'",
            .permissionsPolicy: "usb=()", .crossOriginOpenerPolicy: "same-origin",
            .crossOriginResourcePolicy: "same-origin",
        ]
        var others = fields
        others[.contentType] = "text/html"
        #expect(Response.notModified(Response(status: .ok, headers: others)).headers == fields)
    }
}
