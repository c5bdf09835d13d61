/// What the launcher is told, the whole of it. 6 bytes in one packet: the kind, then a number, least significant byte first.
package enum LauncherRequest: Equatable {
    /// "Start wgN": 0…9999.
    case start(UInt16)
    /// "Load this anchor": so many bytes of text follow (``Packets/send(text:within:)``).
    case loadAnchor(length: Int)
    /// "Show this anchor".
    case showAnchor

    package static let length = 6

    package var bytes: [UInt8] {
        let (kind, number): (UInt16, UInt32) =
            switch self {
            case .start(let number): (1, UInt32(number))
            case .loadAnchor(let length): (2, UInt32(length))
            case .showAnchor: (3, 0)
            }
        return [UInt8(kind & 0xFF), UInt8(kind >> 8)] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// Nil for anything else: another interface than wg0 to wg9999, a longer text than there may be.
    package init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length else { return nil }
        let number = (2..<6).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[$1]) }
        switch (UInt16(bytes[0]) | UInt16(bytes[1]) << 8, number) {
        case (1, 0...9999): self = .start(UInt16(number))
        case (2, 0...UInt32(Packets.textLimit)): self = .loadAnchor(length: Int(number))
        case (3, 0): self = .showAnchor
        default: return nil
        }
    }
}

/// What became of it. 5 bytes in one packet: the kind, then a number, least significant byte first.
package enum LauncherReply: Equatable {
    /// The program runs and takes connections. Once at first, too: the launcher itself is ready.
    case ready
    /// A system call failed; the errno.
    case failed(Int32)
    /// The program ended by itself; its status.
    case exited(Int32)
    /// The program was ended by a signal; its number.
    case killed(Int32)
    /// The program did not do in time what it was started for; it has been ended.
    case late
    /// pfctl did what was asked: so many bytes of what it printed follow.
    case printed(length: Int)
    /// pfctl did not do it: so many bytes of what it said follow.
    case complained(length: Int)

    package static let length = 5

    package var bytes: [UInt8] {
        let (kind, number): (UInt8, Int32) =
            switch self {
            case .ready: (0, 0)
            case .failed(let code): (1, code)
            case .exited(let status): (2, status)
            case .killed(let signal): (3, signal)
            case .late: (4, 0)
            case .printed(let length): (5, Int32(length))
            case .complained(let length): (6, Int32(length))
            }
        return [kind] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    package init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length else { return nil }
        let number = (1..<5).reversed().reduce(Int32(0)) { $0 << 8 | Int32(bytes[$1]) }
        switch (bytes[0], number) {
        case (0, _): self = .ready
        case (1, _): self = .failed(number)
        case (2, _): self = .exited(number)
        case (3, _): self = .killed(number)
        case (4, _): self = .late
        case (5, 0...Int32(Packets.textLimit)): self = .printed(length: Int(number))
        case (6, 0...Int32(Packets.textLimit)): self = .complained(length: Int(number))
        default: return nil
        }
    }
}
