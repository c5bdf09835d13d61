/// Removes and installs security associations and policies in the kernel, and touches no other.
///
/// Policies come last and go last, and one that is removed and added under the same key is replaced in one step: a packet
/// that is to be protected may be dropped meanwhile, but does not go out in the clear. What is gone already is no error, and
/// what has another number under the same key stays as it is. If something can't be installed, all that this request
/// installed is removed again; what it removed or replaced stays so, no other policy goes, and the caller puts it right.
///
/// Refused as `not_ours`, with the field, where somebody else has the SPI or the selector.
public struct ApplyAssociations: Verb {
    public static let kind = Request.Kind.applyAssociations
    /// The most security associations of one request, removed and added each.
    public static let limit = 256
    /// The most policies of one request, removed and added each.
    public static let policyLimit = 1024

    public let removePolicies: [SecurityPolicyKey]
    public let remove: [SecurityAssociationKey]
    public let add: [Addition]
    public let addPolicies: [SecurityPolicy]

    public init(
        removePolicies: [SecurityPolicyKey] = [], remove: [SecurityAssociationKey] = [], add: [Addition] = [],
        addPolicies: [SecurityPolicy] = []
    ) {
        self.removePolicies = removePolicies
        self.remove = remove
        self.add = add
        self.addPolicies = addPolicies
    }

    public var request: Request { .applyAssociations(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        removePolicies = try reader.messages("remove_policies", limit: Self.policyLimit) ?? []
        remove = try reader.messages("remove", limit: Self.limit) ?? []
        add = try reader.messages("add", limit: Self.limit) ?? []
        addPolicies = try reader.messages("add_policies", limit: Self.policyLimit) ?? []
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            if !removePolicies.isEmpty { writer.add("remove_policies", messages: removePolicies) }
            if !remove.isEmpty { writer.add("remove", messages: remove) }
            if !add.isEmpty { writer.add("add", messages: add) }
            if !addPolicies.isEmpty { writer.add("add_policies", messages: addPolicies) }
        }.members
    }

    /// A security association to install, with what its keys are sealed to: class `client`, this object, and the purpose that
    /// goes with the direction.
    public struct Addition: Message, Equatable {
        public let object: ObjectID
        public let direction: TrafficDirection
        public let association: SecurityAssociation<SealedSecret>

        public init(object: ObjectID, direction: TrafficDirection, association: SecurityAssociation<SealedSecret>) {
            self.object = object
            self.direction = direction
            self.association = association
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            object = try reader.required("object")
            direction = try reader.required("direction")
            association = try SecurityAssociation(reader: &reader)
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("object", object)
                writer.add("direction", direction)
                association.add(to: &writer)
            }.members
        }
    }

    public struct Answer: EmptyMessage {
        public init() {}
    }
}
