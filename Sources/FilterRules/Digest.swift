/// Short names for long texts.
enum Digest {
    /// 16 hexadecimal digits by FNV-1a of 64 bits. It tells texts apart by accident's measure, not by an adversary's: who
    /// chooses the rules gains nothing by two that have one name.
    static func text(of text: String) -> String {
        let value = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
