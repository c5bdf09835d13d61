/// A member of a body that need not be there: what RFC 7396 tells apart.
enum Field<Value> {
    /// Left out: what there is stays.
    case absent
    /// `null`: what there is goes.
    case null
    case value(Value)

    /// The value given; nil if none was, or `null`.
    var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    /// What the field is after the change, if it was `current` before.
    func applied(to current: Value?) -> Value? {
        switch self {
        case .absent: current
        case .null: nil
        case .value(let value): value
        }
    }
}

extension Field: Sendable where Value: Sendable {}
extension Field: Equatable where Value: Equatable {}
