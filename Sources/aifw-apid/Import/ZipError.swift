/// Why a zip file is not taken, as a whole or for one of its entries.
struct ZipError: Error, Equatable, Sendable {
    /// The entry it is about, as it may be shown; nil for the archive.
    let entry: String?
    /// Words that follow the entry's name, or "the archive".
    let words: String

    init(_ entry: String? = nil, _ words: String) {
        self.entry = entry
        self.words = words
    }
}
