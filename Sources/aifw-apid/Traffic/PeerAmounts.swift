/// What peers have carried within a slot, packed: for each in the order of their numbers, the difference to the number before,
/// the bytes received and those sent, all three in LEB128. A peer that carries some megabytes takes 8 or 9 bytes.
struct PeerAmounts: Sendable, Equatable {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// Each number once, those of peers that have carried nothing left out.
    init(_ amounts: [(number: UInt32, traffic: Traffic)]) {
        bytes.reserveCapacity(amounts.count * 9)
        var last: UInt32 = 0
        for (number, traffic) in amounts.sorted(by: { $0.number < $1.number }) {
            append(number, traffic, after: &last)
        }
    }

    /// Nil if they are not what ``bytes`` can be.
    init?(bytes: [UInt8]) {
        self.bytes = bytes
        var cursor = Cursor(bytes)
        while cursor.next() != nil {}
        guard cursor.isAtEnd else { return nil }
    }

    /// What one peer has carried.
    subscript(number: UInt32) -> Traffic {
        var cursor = Cursor(bytes)
        while let (found, traffic) = cursor.next(), found <= number {
            if found == number { return traffic }
        }
        return Traffic()
    }

    static func += (left: inout PeerAmounts, right: PeerAmounts) {
        guard !left.bytes.isEmpty, !right.bytes.isEmpty else {
            if left.bytes.isEmpty { left = right }
            return
        }
        var sum = PeerAmounts()
        sum.bytes.reserveCapacity(max(left.bytes.count, right.bytes.count))
        var (ours, theirs) = (Cursor(left.bytes), Cursor(right.bytes))
        var (one, other) = (ours.next(), theirs.next())
        var last: UInt32 = 0
        while one != nil || other != nil {
            let number = min(one?.number ?? .max, other?.number ?? .max)
            var traffic = Traffic()
            if let found = one, found.number == number {
                traffic += found.traffic
                one = ours.next()
            }
            if let found = other, found.number == number {
                traffic += found.traffic
                other = theirs.next()
            }
            sum.append(number, traffic, after: &last)
        }
        left = sum
    }

    private mutating func append(_ number: UInt32, _ traffic: Traffic, after last: inout UInt32) {
        append(UInt64(number - last))
        append(traffic.received)
        append(traffic.sent)
        last = number
    }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Reads them one after the other; ends at the first byte that makes no sense.
    private struct Cursor {
        private let bytes: [UInt8]
        private var index = 0
        private var number: UInt32 = 0
        private var isWhole = true

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { isWhole && index == bytes.count }

        mutating func next() -> (number: UInt32, traffic: Traffic)? {
            guard isWhole, index < bytes.count else { return nil }
            guard let step = value(), let received = value(), let sent = value(), step > 0,
                step <= UInt64(UInt32.max - number)
            else {
                isWhole = false
                return nil
            }
            number += UInt32(step)
            return (number, Traffic(received: received, sent: sent))
        }

        private mutating func value() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard index < bytes.count else { return nil }
                let byte = bytes[index]
                index += 1
                guard shift < 63 || byte <= 1 else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
    }
}
