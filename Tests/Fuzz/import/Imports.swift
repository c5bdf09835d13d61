import Wire

/// Files that somebody imports: the text of wg-quick(8), and zips.
///
/// The first byte of an input says which it is: `Z` for a zip, anything else for text; it is not part of it.
enum Imports {
    static func run(_ input: UnsafeRawBufferPointer) {
        guard let first = input.first else { return }
        let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        if first == UInt8(ascii: "Z") { archive(rest) } else { text(rest) }
    }

    // MARK: Text

    private static func text(_ text: UnsafeRawBufferPointer) {
        let reading = WireGuardQuickFile.read(text)
        Checks.require((reading.file == nil) == (reading.faults.count > 0), "a file is read, or it has faults")
        for notices in [reading.faults, reading.warnings] {
            Checks.require(
                notices.list.count == min(notices.count, notices.limit), "what is beyond the limit is counted")
            for notice in notices.list {
                Checks.require(Checks.isOneLine(notice.words), "what is said is one line")
                Checks.require(!KeyLikeText.isIn(notice.words.utf8), "no key is said")
            }
        }
        guard let file = reading.file else { return }
        Checks.take()
        var names: Set<ObjectName> = []
        for peer in file.peers {
            Checks.require(names.insert(peer.name).inserted, "no name comes twice")
            Checks.require(!KeyLikeText.isIn(peer.name.description.utf8), "no name is a key")
        }
        guard let key = PublicKey(of: file.privateKey.value) else { Checks.fail("a private key has a public key") }
        for notice in file.faults(with: key).list + file.remarks.list {
            Checks.require(Checks.isOneLine(notice.words), "what is said is one line")
        }
    }

    // MARK: Zip

    private static func archive(_ bytes: UnsafeRawBufferPointer) {
        guard let reader = try? ZipReader(Bytes(bytes)) else { return }
        let spans = reader.entries.map(\.content).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        for (left, right) in zip(spans, spans.dropFirst()) {
            Checks.require(left.upperBound <= right.lowerBound, "no entry lies over another one")
        }
        Checks.require(reader.entries.reduce(0) { $0 + $1.size } <= ZipReader.expandedLimit, "there is a limit to all")
        Checks.require(Set(reader.entries.map(\.path)).count == reader.entries.count, "no name comes twice")
        for entry in reader.entries {
            Checks.require(Checks.isOneLine(entry.path), "a name is one line")
            let parts = entry.path.split(separator: "/", omittingEmptySubsequences: false)
            Checks.require(parts.allSatisfy { !["", ".", ".."].contains($0) }, "a name leads nowhere else")
            // Nobody imports more of one file than this.
            guard entry.size <= WireGuardQuickFile.limit, let content = try? reader.contents(of: entry) else {
                continue
            }
            Checks.take()
            Checks.require(content.count == entry.size, "an entry is as long as it says")
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    Imports.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
