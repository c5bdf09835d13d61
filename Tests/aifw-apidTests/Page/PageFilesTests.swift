import CPage
import Foundation
import HTTPTypes
import Testing

@testable import aifw_apid

/// The files of the web page as they are in the program, against those in the sources.
struct PageFilesTests {
    /// Path below the folder of files to content.
    private let sources: [String: Data]
    private let texts: [String: String]

    init(here: String = #filePath) throws {
        let root = try #require(here.range(of: "/Tests/")).lowerBound
        let folder = here[..<root] + "/Sources/aifw-apid/Page/files/"
        var sources: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: String(folder)) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder + path, isDirectory: &isFolder) else { continue }
            if !isFolder.boolValue { sources[path] = try Data(contentsOf: URL(filePath: folder + path)) }
        }
        self.sources = sources
        texts = try sources.mapValues { try #require(String(data: $0, encoding: .utf8)) }
    }

    private var embedded: [page_file] { (0..<page_file_count).map { page_files[$0] } }

    @Test func `every file of the folder is in the program, byte for byte, and nothing else is`() {
        let paths = embedded.map { String(cString: $0.path) }
        #expect(paths.sorted() == sources.keys.sorted(), "Sources/CPage/page.c has a row for each")
        for file in embedded {
            #expect(Data(bytes: file.bytes, count: file.length) == sources[String(cString: file.path)])
        }
    }

    @Test func `each has the type of its kind`() {
        let types = [
            "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        ]
        for file in PageFile.all {
            #expect(file.type == types[URL(filePath: file.path).pathExtension], "\(file.path)")
        }
    }

    // MARK: What they lead to

    /// Where what the file says leads to.
    private func places(in path: String) -> [String] {
        let text = texts[path] ?? ""
        let found: [Substring] =
            switch URL(filePath: path).pathExtension {
            case "html", "svg": text.matches(of: #/\b(?:href|src)\s*=\s*["']([^"'#][^"']*)["']/#).map(\.1)
            case "css": text.matches(of: #/(?:\burl\(\s*|@import\s+)["']?([^"')\s]+)/#).map(\.1)
            default: text.matches(of: #/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/#).map(\.1)
            }
        return found.map { place in
            let file = URL(string: "aifw://host" + PageRoutes.folder + path)
            let target = URL(string: String(place), relativeTo: file)?.absoluteURL.standardized
            return target?.absoluteString ?? String(place)
        }
    }

    @Test func `whatever they refer to is served`() throws {
        try RouterTests.table { table in
            let known = Set(table.filter { $0.method == .get }.map { "aifw://host" + $0.path })
            let files = Set(embedded.map { "aifw://host" + PageRoutes.folder + String(cString: $0.path) })
            for path in texts.keys.sorted() {
                for place in places(in: path) {
                    #expect((path.hasSuffix(".html") ? known : files).contains(place), "\(path): \(place)")
                }
            }
        }
        // Or nothing was looked for rightly.
        #expect(places(in: "index.html").contains("aifw://host/page/app.js"))
    }

    @Test func `no other host is named`() {
        for (path, text) in texts {
            let rest = text.replacing("http://www.w3.org/2000/svg", with: "")
            let hosts = rest.matches(of: #/(?:[a-z]+:|["'`(=])\/\/[^\s"'`)]+/#)
            #expect(hosts.map { String($0.0) } == [], "\(path)")
        }
    }

    @Test func `no script and no style is in the markup`() throws {
        for (path, text) in texts where path.hasSuffix(".html") || path.hasSuffix(".svg") {
            let inline = text.matches(of: #/\s(?:on[a-z]+|style)\s*=|<style\b|javascript:/#.ignoresCase())
            #expect(inline.map { String($0.0) } == [], "\(path)")
            for script in text.matches(of: #/<script\b([^>]*)>(.*?)<\/script/#.ignoresCase().dotMatchesNewlines()) {
                #expect(script.1.contains("src=") && script.2.isEmpty, "\(path)")
            }
        }
        let index = try #require(texts["index.html"])
        #expect(index.hasPrefix("<!doctype html>") && index.contains(#"<meta charset="utf-8">"#))
        #expect(index.contains("<script "))
    }

    @Test func `no script makes markup or code of text`() {
        let words =
            #/\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|srcdoc|eval|Function)\b|document\.write/#
        for (path, text) in texts where path.hasSuffix(".js") {
            #expect(text.matches(of: words).map { String($0.0) } == [], "\(path)")
        }
    }
}
