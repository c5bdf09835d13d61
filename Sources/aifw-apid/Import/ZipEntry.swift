/// One file of a zip archive, as the directory and its own header agree on it.
struct ZipEntry: Sendable, Equatable {
    enum Method: UInt16, Sendable {
        case stored = 0
        case deflated = 8
    }

    /// With its folders: relative, nowhere upwards, printable.
    let path: String
    let method: Method
    let checksum: UInt32
    /// How many bytes it says it has when it is expanded.
    let size: Int
    /// Where its bytes are in the archive.
    let content: Range<Int>

    /// Without its folders.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
