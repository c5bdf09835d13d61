import Wire

/// An object of which the log tells what was changed about it.
protocol Audited {
    /// What can be set, in the API's terms, in its order. No secret is among it.
    var settings: [JSON.Member] { get }
    /// What is secret, or stands for something secret, by the API's name: of these only that they changed is told.
    var concealed: [(name: String, value: [UInt8]?)] { get }
}

extension JSON {
    /// The most bytes of a value that the log repeats; a list of thousands of networks is only said to have changed.
    private static let shownLimit = 2048

    /// What differs between two states of an object: `{"mtu": {"from": 1420, "to": 1380}, "private_key": "changed"}`.
    static func changes<Object: Audited>(from former: Object, to object: Object) -> JSON {
        let settings = zip(former.settings, object.settings).filter { $0.value != $1.value }.map { old, new -> Member in
            let isShort = [old, new].allSatisfy { $0.value.serialized.count <= shownLimit }
            return Member(name: new.name, value: isShort ? ["from": old.value, "to": new.value] : "changed")
        }
        let concealed = zip(former.concealed, object.concealed).filter { $0.value != $1.value }.map { old, new in
            Member(
                name: new.name,
                value: old.value == nil ? "set" : new.value == nil ? "removed" : "changed")
        }
        return .object(settings + concealed)
    }

    /// What an object has that is new here and was made elsewhere: `{"mtu": {"from": null, "to": 1420}, "private_key": "set"}`.
    static func changes<Object: Audited>(making object: Object) -> JSON {
        let settings = object.settings.filter { $0.value != .null }.map { member -> Member in
            let isShort = member.value.serialized.count <= shownLimit
            return Member(name: member.name, value: isShort ? ["from": .null, "to": member.value] : "set")
        }
        let concealed = object.concealed.filter { $0.value != nil }.map { Member(name: $0.name, value: "set") }
        return .object(settings + concealed)
    }
}
