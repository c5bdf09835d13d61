internal import Glibc
internal import KernelMessages
internal import Wire

extension Kernel {
    mutating func applyAssociations(
        _ request: ApplyAssociations, keys: [OpenedKeys],
        fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) -> ApplyAssociations.Answer {
        let replaced = Set(request.removePolicies).intersection(request.addPolicies.map(\.key))
        for key in request.remove { try xfrm.remove(key) }
        var associations: [SecurityAssociationKey] = []
        var policies: [SecurityPolicyKey] = []
        do throws(Refusal) {
            for (index, (addition, keys)) in zip(request.add, keys).enumerated()
            where try install(addition.association, keys, fingerprint, field: "add[\(index)]") {
                associations.append(addition.association.key)
            }
            for (index, policy) in request.addPolicies.enumerated()
            where try install(policy, replaces: replaced.contains(policy.key), field: "add_policies[\(index)]") {
                policies.append(policy.key)
            }
            // Last: until then, what lacks a security association is dropped, and does not go out in the clear.
            for key in request.removePolicies where !replaced.contains(key) { try xfrm.remove(key) }
        } catch {
            for key in policies { try? xfrm.remove(key) }
            for key in associations { try? xfrm.remove(key) }
            throw error
        }
        return ApplyAssociations.Answer()
    }

    /// Installs one; gives back whether it is new: the same one with the same keys stays as it is.
    private func install(
        _ wanted: SecurityAssociation<SealedSecret>, _ keys: OpenedKeys,
        _ fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint, field: String
    ) throws(Refusal) -> Bool {
        do throws(Refusal) {
            try xfrm.add(wanted, keys)
            return true
        } catch {
            guard error.errno == EEXIST else {
                let member = keys.encryption == nil ? "authentication" : "encryption"
                throw Refusal(error.code, error.message, field: "\(field).\(member)", errno: error.errno)
            }
            let present = try xfrm.find(wanted.key, fingerprint: fingerprint)
            let made = wanted.replacingKeys(
                encryption: keys.encryption?.withUnsafeBytes(fingerprint),
                authentication: keys.authentication?.withUnsafeBytes(fingerprint))
            if made != nil, made == present?.asMade { return false }
            throw Self.taken(wanted.key.words, by: present?.number, not: wanted.number, field: "\(field).spi")
        }
    }

    /// Installs one; gives back whether it is new: the same one stays as it is.
    ///
    /// - Parameter replaces: whether one of ours under its key gives way to it.
    private func install(_ wanted: SecurityPolicy, replaces: Bool, field: String) throws(Refusal) -> Bool {
        do throws(Refusal) {
            if replaces, try xfrm.replace(by: wanted) { return false }
            try xfrm.add(wanted)
            return true
        } catch {
            guard error.errno == EEXIST else {
                throw Refusal(error.code, error.message, field: field, errno: error.errno)
            }
            let present = try xfrm.find(wanted.key)?.state
            if present?.asMade == wanted { return false }
            throw Self.taken(wanted.key.words, by: present?.key.number, not: wanted.key.number, field: field)
        }
    }

    /// The refusal to replace what is there.
    private static func taken(
        _ what: String, by owner: AssociationNumber?, not number: AssociationNumber, field: String
    ) -> Refusal {
        guard let owner else { return Refusal(.notOurs, "\(what) exists and was not made by AiFw VPN", field: field) }
        guard owner == number else {
            return Refusal(.notOurs, "\(what) exists and is that of association number \(owner)", field: field)
        }
        return Refusal(kernel: EEXIST, "install \(what)", detail: "with other keys or settings", field: field)
    }

    mutating func readAssociations(
        _ request: ReadAssociations, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadAssociations.Answer) throws(Refusal) -> Void
    ) throws(Refusal) {
        var pages = AssociationPages()
        var failure: Refusal?
        func send(_ full: ReadAssociations.Answer?) {
            guard let full, failure == nil else { return }
            do throws(Refusal) { try page(full) } catch { failure = error }
        }
        if let only = request.only {
            for key in only.associations {
                if let found = try xfrm.find(key, fingerprint: fingerprint) { send(pages.add(found)) }
            }
            for key in only.policies {
                if let found = try xfrm.find(key) { send(pages.add(found.state)) }
            }
        } else {
            try xfrm.forEach(fingerprint: fingerprint) { send(pages.add($0)) }
            try xfrm.forEachPolicy { send(pages.add($0)) }
        }
        if let failure { throw failure }
        try page(pages.last())
    }
}
