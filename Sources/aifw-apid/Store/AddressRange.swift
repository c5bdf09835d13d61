import Wire

/// A prefix as the address tables have it: its first and last address, each 16 bytes, and its family.
struct AddressRange: Sendable {
    let prefix: Prefix

    init(_ prefix: Prefix) { self.prefix = prefix }

    var family: ColumnValue { .integer(Int64(prefix.family.rawValue)) }
    var first: ColumnValue { Self.column(prefix.address.bits) }
    var last: ColumnValue { Self.column(prefix.last.bits) }
    var length: ColumnValue { .integer(Int64(prefix.length)) }

    static func column(_ bits: UInt128) -> ColumnValue { .bytes(ObjectID(bits: bits).bytes) }

    /// Where prefixes that begin before an address and contain it can begin: the address with ever more of its last set
    /// bits cleared. There are as many as it has bits set, so that finding all of them is a handful of look-ups in an
    /// index, whatever it holds.
    static func starts(ofThoseAround bits: UInt128) -> [UInt128] {
        var starts: [UInt128] = []
        var start = bits
        while start != 0 {
            start &= start - 1
            starts.append(start)
        }
        return starts
    }
}
