import Wire

/// Reads the members of one JSON object and collects everything that is wrong with them.
///
/// Ask for each member that is known here, then call ``finish()`` or ``finish(_:)``: it throws one 422 with all faults,
/// among them the members nobody asked for. A value that was wrong comes back as nil or ``Field/absent``.
///
///     let reader = try await context.body()
///     let name = reader.required("name", as: TunnelName.self)
///     let port = reader.optional("listen_port", as: Port.self)
///     reader.ignored("auto_generate_key")
///     let tunnel = Tunnel(name: try reader.finish(name), port: port.value)
final class BodyReader {
    /// How a member's value becomes one of ours; the error's words follow the name: "must be …".
    typealias Parse<Value> = (JSON) throws(ValueError) -> Value

    private let members: [JSON.Member]
    /// The same by name, for look-ups whose cost does not grow with what a caller sends.
    private let values: [String: JSON]
    private let path: String
    private let faults: Faults
    private var known: Set<String> = []
    private var children: [BodyReader] = []

    /// Nil unless `json` is an object.
    convenience init?(_ json: JSON) { self.init(json, path: "", faults: Faults()) }

    private init?(_ json: JSON, path: String, faults: Faults) {
        guard case .object(let members) = json else { return nil }
        self.members = members
        let short = members.lazy.filter { Faults.isComparable($0.name) }
        values = Dictionary(short.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        self.path = path
        self.faults = faults
    }

    // MARK: Members

    /// A member that must be there and must not be null; nil means that it was at fault.
    func required<Value>(_ name: String, aliases: String..., parse: Parse<Value>) -> Value? {
        switch find(name, aliases) {
        case nil:
            fault(name, "is needed")
            return nil
        case (let used, .null)?:
            fault(used, "must not be null")
            return nil
        case (let used, let json)?: return read(used, json, parse)
        }
    }

    func required<Value: WireValue>(_ name: String, aliases: String..., as type: Value.Type = Value.self) -> Value? {
        switch find(name, aliases) {
        case nil:
            fault(name, "is needed")
            return nil
        case (let used, .null)?:
            fault(used, "must not be null")
            return nil
        case (let used, let json)?: return read(used, json) { (json) throws(ValueError) in try Value(json: json) }
        }
    }

    /// A member that may be left out, or null. With `emptyClears`, `""` means null: for free texts only.
    func optional<Value>(
        _ name: String, aliases: String..., emptyClears: Bool = false, parse: Parse<Value>
    ) -> Field<Value> {
        field(find(name, aliases), emptyClears, parse)
    }

    func optional<Value: WireValue>(
        _ name: String, aliases: String..., emptyClears: Bool = false, as type: Value.Type = Value.self
    ) -> Field<Value> {
        field(find(name, aliases), emptyClears) { (json) throws(ValueError) in try Value(json: json) }
    }

    /// A member that older clients send and that means nothing here.
    func ignored(_ name: String) { known.insert(name) }

    /// A member that can be read but not set: sent back as it is, it is ignored; changed, it is a fault.
    func readOnly(_ name: String, is current: JSON) {
        known.insert(name)
        guard let given = member(name), given != current else { return }
        fault(name, "can't be changed; leave it out")
    }

    /// A member that is an array of objects: reads each, with its index, by `read`, whose faults are named `peers[3].name`.
    ///
    /// Nil if the member is missing or no such array; elements at fault are left out of the result.
    func each<Value>(_ name: String, atMost limit: Int, read: (Int, BodyReader) -> Value?) -> [Value]? {
        known.insert(name)
        guard let json = member(name) else {
            fault(name, "is needed")
            return nil
        }
        guard let elements = json.elements else {
            fault(name, "must be an array, not \(json.kind)")
            return nil
        }
        guard elements.count <= limit else {
            fault(name, "must have \(limit) elements at most, not \(elements.count)")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            let place = "\(path)\(name)[\(index)]"
            guard let child = BodyReader(element, path: place + ".", faults: faults) else {
                faults.add(place, "must be an object, not \(element.kind)")
                return nil
            }
            children.append(child)
            return read(index, child)
        }
    }

    // MARK: The end

    /// Adds a fault of the caller's own, such as two values that do not go together.
    func fault(_ name: String, _ detail: String) { faults.add(path + name, detail) }

    /// Throws the 422 with all faults, if there is one.
    func finish() throws(Problem) {
        findUnknown()
        try faults.check()
    }

    /// All faults, for whoever has more to find before they are told.
    func finishWithFaults() -> [Problem.Fault] {
        do throws(Problem) {
            try finish()
            return []
        } catch {
            return error.errors
        }
    }

    /// The same, and what `required` gave, now known to be there.
    func finish<each Value>(_ values: repeat (each Value)?) throws -> (repeat each Value) {
        try finish()
        return (repeat try Self.present(each values))
    }

    private static func present<Value>(_ value: Value?) throws(Problem) -> Value {
        guard let value else { throw Problem(.invalid, "A value that is needed is missing.") }
        return value
    }

    private func findUnknown() {
        for member in members where !Faults.isComparable(member.name) || !known.contains(member.name) {
            faults.addUnknown(member.name, in: path, known: known)
        }
        for child in children { child.findUnknown() }
    }

    // MARK: Reading

    private func member(_ name: String) -> JSON? { values[name] }

    /// Whether there is such a member, null or not.
    func has(_ name: String) -> Bool { member(name) != nil }

    /// The member under its name or one of its other spellings. Two that differ are a fault.
    private func find(_ name: String, _ aliases: [String]) -> (used: String, json: JSON)? {
        var found: (used: String, json: JSON)?
        for spelling in [name] + aliases {
            known.insert(spelling)
            guard let json = member(spelling) else { continue }
            if let found {
                if found.json != json { fault(spelling, "differs from \"\(found.used)\", which means the same") }
            } else {
                found = (spelling, json)
            }
        }
        return found
    }

    private func field<Value>(
        _ found: (used: String, json: JSON)?, _ emptyClears: Bool, _ parse: Parse<Value>
    ) -> Field<Value> {
        guard let (name, json) = found else { return .absent }
        if json == .null || (emptyClears && json.text?.isEmpty == true) { return .null }
        return read(name, json, parse).map { .value($0) } ?? .absent
    }

    private func read<Value>(_ name: String, _ json: JSON, _ parse: Parse<Value>) -> Value? {
        do throws(ValueError) {
            return try parse(json)
        } catch {
            fault(name, error.description)
            return nil
        }
    }
}
