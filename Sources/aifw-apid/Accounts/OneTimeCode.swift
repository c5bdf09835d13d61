import Wire

/// The six digits that an authenticator shows.
struct OneTimeCode: Sendable {
    static let digits = 6

    /// ASCII.
    let characters: [UInt8]

    init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        let characters = text.withUTF8 { Array($0.prefix(Self.digits + 1)) }
        guard characters.count == Self.digits, characters.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ValueError("must be the \(Self.digits) digits that the authenticator shows")
        }
        self.characters = characters
    }
}

extension OneTimeCode: CustomStringConvertible, CustomReflectable {
    var description: String { "(code)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
