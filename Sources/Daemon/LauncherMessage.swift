/// What the launcher is told, the whole of it: "start wgN". 4 bytes in one packet, in the byte order of the host.
package struct LauncherRequest: Equatable {
    package static let length = 4
    private static let start: UInt16 = 1

    /// 0…9999.
    package let number: UInt16

    package var bytes: [UInt8] {
        [UInt8(Self.start & 0xFF), UInt8(Self.start >> 8), UInt8(number & 0xFF), UInt8(number >> 8)]
    }

    package init(number: UInt16) { self.number = number }

    /// Nil for anything else than a start of wg0 to wg9999.
    package init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length, UInt16(bytes[0]) | UInt16(bytes[1]) << 8 == Self.start else { return nil }
        number = UInt16(bytes[2]) | UInt16(bytes[3]) << 8
        guard number <= 9999 else { return nil }
    }
}

/// What became of a start. 5 bytes in one packet: the kind, then a number, least significant byte first.
package enum LauncherReply: Equatable {
    /// The program runs and takes connections. Once at first, too: the launcher itself is ready.
    case ready
    /// A system call failed; the errno.
    case failed(Int32)
    /// The program ended by itself; its status.
    case exited(Int32)
    /// The program was ended by a signal; its number.
    case killed(Int32)
    /// The program did not take connections in time; it has been ended.
    case late

    package static let length = 5

    package var bytes: [UInt8] {
        let (kind, number): (UInt8, Int32) =
            switch self {
            case .ready: (0, 0)
            case .failed(let code): (1, code)
            case .exited(let status): (2, status)
            case .killed(let signal): (3, signal)
            case .late: (4, 0)
            }
        return [kind] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    package init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.length else { return nil }
        let number = (1..<5).reversed().reduce(Int32(0)) { $0 << 8 | Int32(bytes[$1]) }
        switch bytes[0] {
        case 0: self = .ready
        case 1: self = .failed(number)
        case 2: self = .exited(number)
        case 3: self = .killed(number)
        case 4: self = .late
        default: return nil
        }
    }
}
