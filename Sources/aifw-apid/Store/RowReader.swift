import FoundationEssentials
import GRDB
import Wire

/// Reads a row column by column into values that refuse what they can't be: a file that somebody else has written to is
/// noticed, not believed.
struct RowReader {
    private let row: Row
    private let table: String
    private var index = 0

    init(_ row: Row, of table: String) {
        self.row = row
        self.table = table
    }

    mutating func text<Value: TextValue>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value: Value = try optionalText() else { throw damage("missing") }
        return value
    }

    mutating func optionalText<Value: TextValue>(_ type: Value.Type = Value.self) throws -> Value? {
        guard let text: String = try next() else { return nil }
        do {
            return try Value(text)
        } catch {
            throw damage(error.description)
        }
    }

    mutating func string() throws -> String {
        guard let text: String = try next() else { throw damage("missing") }
        return text
    }

    mutating func bytes<Value>(_ make: ([UInt8]) -> Value?) throws -> Value {
        guard let value = try optionalBytes(make) else { throw damage("missing") }
        return value
    }

    mutating func optionalBytes<Value>(_ make: ([UInt8]) -> Value?) throws -> Value? {
        guard let data: Data = try next() else { return nil }
        guard let value = make(Array(data)) else { throw damage("has the wrong length") }
        return value
    }

    mutating func optionalString() throws -> String? { try next() }

    /// One of the words of an enumeration.
    mutating func word<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self) throws -> Word {
        guard let word: Word = try optionalWord() else { throw damage("missing") }
        return word
    }

    mutating func optionalWord<Word: RawRepresentable<String>>(_ type: Word.Type = Word.self) throws -> Word? {
        guard let text: String = try next() else { return nil }
        guard let word = Word(rawValue: text) else { throw damage("is not one of its words") }
        return word
    }

    /// 16 bytes: an id, or an address as a number.
    mutating func id() throws -> ObjectID { try bytes(ObjectID.init(bytes:)) }

    mutating func integer() throws -> Int64 {
        guard let value: Int64 = try next() else { throw damage("missing") }
        return value
    }

    mutating func optionalInteger() throws -> Int64? { try next() }

    mutating func number<Value>(_ make: (Int) throws(ValueError) -> Value) throws -> Value {
        let value = Int(try integer())
        do throws(ValueError) {
            return try make(value)
        } catch {
            throw damage(error.description)
        }
    }

    mutating func flag() throws -> Bool { try integer() != 0 }

    mutating func time() throws -> Timestamp { Timestamp(milliseconds: try integer()) }

    mutating func optionalTime() throws -> Timestamp? {
        guard let value: Int64 = try next() else { return nil }
        return Timestamp(milliseconds: value)
    }

    private mutating func next<Value: DatabaseValueConvertible>() throws -> Value? {
        defer { index += 1 }
        let value: DatabaseValue = row[index]
        guard !value.isNull else { return nil }
        guard let converted = Value.fromDatabaseValue(value) else {
            throw StoreError.corrupt(table: table, column: index, reason: "has the wrong type")
        }
        return converted
    }

    /// The fault of the column read last.
    private func damage(_ reason: String) -> StoreError { .corrupt(table: table, column: index - 1, reason: reason) }
}

extension ObjectID {
    /// Nil unless there are 16 bytes, in network order.
    init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(bits: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }
}
