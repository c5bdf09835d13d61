import CPage
import HTTPTypes
import HummingbirdCore
import Wire

/// A file of the web page, in the two forms that it is sent in. Neither is made before somebody asks for it.
struct PageFile: Sendable {
    /// Below ``PageRoutes/folder``: `lib/api.js`.
    let path: String
    let type: String
    private let size: Int
    private let plain: StandingContent
    private let packed: StandingContent

    /// All that were put into the program (`Sources/CPage`).
    static var all: [PageFile] { (0..<page_file_count).map { PageFile(page_files[$0]) } }

    init(_ file: page_file) {
        path = String(cString: file.path)
        type = String(cString: file.type)
        size = file.length
        // Part of the program: nobody writes it, and it is there for as long as somebody can ask.
        nonisolated(unsafe) let bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.length)
        plain = StandingContent { Bytes(bytes) }
        packed = StandingContent { Gzip.packed(bytes) ?? Bytes(bytes) }
    }

    /// 200 with the content, by gzip if the caller takes that and it is worth it. The forms have different tags.
    func response(to headers: HTTPFields) -> Response {
        let isPacked = AcceptEncoding(headers).takesGzip && packed.count < size
        var response = (isPacked ? packed : plain).response(type)
        if isPacked { response.headers[.contentEncoding] = "gzip" }
        response.headers[.vary] = "Accept-Encoding"
        return response
    }
}
