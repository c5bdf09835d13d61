import Wire

/// Reads the lines of a wg-quick(8) file, and finds all that is wrong with them, not the first.
///
/// Keys never become a `String`: they are decoded out of the file's own memory.
struct WireGuardQuickParser {
    private typealias Key = WireGuardQuickKey

    /// Where a line stands.
    private enum Place {
        case nowhere
        /// A section that is not known: its keys are not asked about.
        case unknown
        case interface
        case peer
    }

    private let peerLimit: Int
    private var faults = Notices(limit: WireGuardQuickFile.faultLimit)
    private var warnings = Notices(limit: WireGuardQuickFile.warningLimit)
    private var place = Place.nowhere
    /// The keys of the section so far, and the lines they stand in.
    private var seen: [WireGuardQuickKey: Int] = [:]
    private var interface: InterfaceSection?
    private var peer: PeerSection?
    private var peers: [WireGuardQuickFile.Peer] = []
    private var peerCount = 0
    private var comments = PeerComments()
    private var names = PeerNames()
    private var isDone = false

    init(peerLimit: Int) { self.peerLimit = peerLimit }

    // MARK: Lines

    mutating func read(_ text: UnsafeRawBufferPointer) {
        guard text.count <= WireGuardQuickFile.limit else {
            faults.add(nil, "may have \(WireGuardQuickFile.limit) bytes at most")
            isDone = true
            return
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var rest = text[(text.starts(with: mark) ? mark.count : 0)...]
        var number = 0
        while !rest.isEmpty, !isDone {
            number += 1
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            var line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            if line.last == 0x0D { line = UnsafeRawBufferPointer(rebasing: line.dropLast()) }
            rest = end == rest.endIndex ? rest[end...] : rest[(end + 1)...]
            take(line, number)
            if faults.isFull { isDone = true }
        }
    }

    private mutating func take(_ line: UnsafeRawBufferPointer, _ number: Int) {
        guard line.count <= WireGuardQuickFile.lineLimit else {
            return faults.add(number, "may have \(WireGuardQuickFile.lineLimit) bytes at most")
        }
        guard !line.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            return faults.add(number, "has a control character")
        }
        let hash = line.firstIndex(of: UInt8(ascii: "#")) ?? line.endIndex
        let content = Self.trimmed(line[..<hash])
        guard content.isEmpty else {
            if content.first == UInt8(ascii: "[") { beginSection(content, number) } else { takeKey(content, number) }
            return
        }
        guard hash < line.endIndex else { return comments.meetBlank() }
        guard let comment = String(validating: line[hash...], as: UTF8.self) else {
            return faults.add(number, "is not UTF-8")
        }
        comments.meet(comment)
    }

    /// Without the blanks and tabs around it.
    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> UnsafeRawBufferPointer {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return UnsafeRawBufferPointer(rebasing: start[..<end])
    }

    // MARK: Sections

    private mutating func beginSection(_ content: UnsafeRawBufferPointer, _ number: Int) {
        endSection()
        switch String(decoding: content.prefix(16), as: UTF8.self).lowercased() {
        case "[interface]":
            place = .interface
            if let interface {
                faults.add(number, "is a second [Interface]; the first one is in line \(interface.line)")
                place = .unknown
            } else {
                interface = InterfaceSection(line: number)
            }
            comments.beginOther()
        case "[peer]":
            place = .peer
            peerCount += 1
            guard peerCount <= peerLimit else {
                faults.add(number, "is one peer more than can be imported at once: \(WireGuardQuickFile.peerLimit)")
                isDone = true
                return
            }
            peer = PeerSection(line: number)
            comments.beginPeer()
        default:
            place = .unknown
            faults.add(number, "begins a section that is not known here; there are [Interface] and [Peer]")
            comments.beginOther()
        }
    }

    private mutating func endSection() {
        seen = [:]
        guard let peer else { return }
        self.peer = nil
        let name = names.name(from: comments, number: peerCount)
        if let made = peer.finish(name, &faults) { peers.append(made) }
    }

    // MARK: Keys

    private mutating func takeKey(_ content: UnsafeRawBufferPointer, _ number: Int) {
        comments.meetKey()
        guard place != .unknown else { return }
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else {
            return faults.add(number, "is neither a section, nor a key with a value, nor a comment")
        }
        let name = Self.trimmed(content[..<equals])
        let value = Self.trimmed(content[(equals + 1)...])
        guard let key = Self.key(name) else { return faults.add(number, Self.unknown(name)) }
        guard place != .nowhere else { return faults.add(number, "\(key.rawValue) stands before any section") }
        guard (key.section == .interface) == (place == .interface) else {
            return faults.add(number, "\(key.rawValue) belongs into [\(key.section.rawValue)]")
        }
        if let first = seen[key], !key.mayRepeat {
            return faults.add(number, "\(key.rawValue) is given twice; the first one is in line \(first)")
        }
        if seen[key] == nil { seen[key] = number }
        if let why = key.whyDropped { return warnings.add(number, "\(key.rawValue) is dropped: \(why)") }
        do throws(ValueError) {
            switch key.section {
            case .interface: try interface?.take(key, value, number)
            case .peer: try peer?.take(key, value, number)
            }
        } catch {
            let words = Self.holdsKey(value, for: key) ? KeyLikeText.misplaced : error.description
            faults.add(number, "\(key.rawValue) \(words)")
        }
    }

    private static func key(_ name: UnsafeRawBufferPointer) -> Key? {
        name.count <= 32 ? Key(String(decoding: name, as: UTF8.self)) : nil
    }

    /// A name is repeated only if it can't be a key or a password that was pasted into a line of its own.
    private static func unknown(_ name: UnsafeRawBufferPointer) -> String {
        let isWord = (1...24).contains(name.count) && name.allSatisfy(isLetter)
        guard isWord else { return "has a key that is not known here" }
        return "\(String(decoding: name, as: UTF8.self)) is not known here"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Whether a value that is no key has one in it, which no error may repeat.
    private static func holdsKey(_ value: UnsafeRawBufferPointer, for key: Key) -> Bool {
        switch key {
        case .privateKey, .presharedKey, .publicKey: false
        default: KeyLikeText.isIn(value)
        }
    }

    // MARK: The end

    consuming func finish() -> WireGuardQuickFile.Reading {
        if !isDone { endSection() }
        if interface == nil, !isDone { faults.add(nil, "has no [Interface] section") }
        let file = interface?.finish(peers, &faults)
        return WireGuardQuickFile.Reading(file: faults.count == 0 ? file : nil, faults: faults, warnings: warnings)
    }
}
