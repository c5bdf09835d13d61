internal import CLinux
internal import Glibc
internal import KernelMessages
internal import Wire

/// Security associations and policies in the kernel, by netlink (XFRM).
///
/// Ours carry a request id of our own (``AssociationNumber/reqid``); what carries another one is never changed. A security
/// association is never updated in place, only removed and added: what it counts, sequence numbers above all, goes with its
/// keys. A policy gives way to another in one step, so that no packet finds none.
struct Xfrm {
    typealias Fingerprint = (UnsafeRawBufferPointer) -> SecretFingerprint

    /// Nil on a kernel without XFRM, which has nothing of ours.
    private let netlink: Netlink?

    /// That of a kernel without XFRM.
    static var none: Xfrm { Xfrm(netlink: nil) }

    /// Opens the socket, for which the kernel loads the module `xfrm_user` if there is one.
    static func open() throws(Refusal) -> Xfrm {
        do {
            return Xfrm(netlink: try Netlink(bus: NETLINK_XFRM))
        } catch let error where error.errno == EPROTONOSUPPORT {
            return .none
        }
    }

    // MARK: Security associations

    /// What is found by the key, whosever it is.
    func find(
        _ key: SecurityAssociationKey, fingerprint: Fingerprint
    ) throws(Refusal) -> SecurityAssociationState? {
        try netlink?.find(AssociationMessages.find(key), absent: ESRCH, doing: "read \(key.words)") {
            SecurityAssociationState($0, fingerprint: fingerprint)
        }
    }

    /// Whether one of ours of exactly that number is found by the key.
    func has(_ key: SecurityAssociationKey) throws(Refusal) -> Bool {
        try netlink?.find(
            AssociationMessages.find(key), absent: ESRCH, doing: "read \(key.words)", AssociationMessages.number)
            == key.number
    }

    /// How many there are of ours.
    func count() throws(Refusal) -> Int {
        var count = 0
        try each(AssociationMessages.list(), "count the security associations") { reply in
            if AssociationMessages.number(reply) != nil { count += 1 }
        }
        return count
    }

    /// Gives all of ours to `body`, one after the other as they are read: none is kept, for there may be thousands.
    func forEach(fingerprint: Fingerprint, _ body: (SecurityAssociationState) -> Void) throws(Refusal) {
        try each(AssociationMessages.list(), "list the security associations") { reply in
            guard let state = SecurityAssociationState(reply, fingerprint: fingerprint), state.number != nil else {
                return
            }
            body(state)
        }
    }

    /// XFRM never says that a list has changed while it was read (NLM_F_DUMP_INTR), so nothing comes twice.
    private func each(
        _ question: NetlinkMessage, _ doing: String, _ body: (NetlinkReply) -> Void
    ) throws(Refusal) {
        _ = try netlink?.list(question, doing: doing) { reply -> Never? in
            body(reply)
            return nil
        }
    }

    /// Installs one; EEXIST is the refusal's number if there is another of its key.
    func add(_ association: SecurityAssociation<SealedSecret>, _ keys: OpenedKeys) throws(Refusal) {
        let message = AssociationMessages.add(
            association, encryption: keys.encryption, authentication: keys.authentication)
        let doing = "install \(association.transform.words)"
        try existing(doing).perform(message, doing: doing)
    }

    /// Removes one of ours; one that is gone, or somebody else's, is no error.
    func remove(_ key: SecurityAssociationKey) throws(Refusal) {
        guard let netlink, try has(key) else { return }
        try netlink.perform(AssociationMessages.remove(key), unless: ESRCH, doing: "remove \(key.words)")
    }

    // MARK: Policies

    /// The policy of ours of that direction and those networks, whatever its number.
    func find(_ key: SecurityPolicyKey) throws(Refusal) -> ListedPolicy? {
        try netlink?.find(PolicyMessages.find(key), absent: ENOENT, doing: "read \(key.words)") { ListedPolicy($0) }
    }

    /// Gives all of ours to `body`, one after the other as they are read.
    func forEachPolicy(_ body: (SecurityPolicyState) -> Void) throws(Refusal) {
        try each(PolicyMessages.list(), "list the policies") { reply in
            if let policy = ListedPolicy(reply) { body(policy.state) }
        }
    }

    /// Installs one; EEXIST is the refusal's number if there is another of its direction and networks.
    func add(_ policy: SecurityPolicy) throws(Refusal) {
        let doing = "install \(policy.key.words)"
        try existing(doing).perform(PolicyMessages.add(policy), doing: doing)
    }

    /// Puts one in the place of that of ours under its key, in one step; false if there is none.
    func replace(by policy: SecurityPolicy) throws(Refusal) -> Bool {
        guard let netlink, try find(policy.key)?.state.key == policy.key else { return false }
        try netlink.perform(PolicyMessages.replace(by: policy), doing: "replace \(policy.key.words)")
        return true
    }

    /// Removes one of ours; one that is gone, or somebody else's, is no error.
    func remove(_ key: SecurityPolicyKey) throws(Refusal) {
        guard let netlink, let policy = try find(key), policy.state.key == key else { return }
        try netlink.perform(PolicyMessages.remove(policy), unless: ENOENT, doing: "remove \(key.words)")
    }

    private func existing(_ doing: String) throws(Refusal) -> Netlink {
        guard let netlink else {
            throw Refusal(kernel: EPROTONOSUPPORT, doing, detail: "this kernel has no IPsec; load its module xfrm_user")
        }
        return netlink
    }
}

extension Transform {
    /// What a kernel may lack.
    var words: String {
        switch self {
        case .aead(let cipher, _): "ESP with \(cipher.rawValue)"
        case .cipher(let cipher, _, let hash, _): "ESP with \(cipher.rawValue) and \(hash.rawValue)"
        case .authentication(let hash, _): "AH with \(hash.rawValue)"
        }
    }
}

extension SecurityAssociationKey {
    var words: String { "SPI \(spi) of \(securityProtocol.rawValue) to \(destination)" }
}

extension SecurityPolicyKey {
    var words: String { "the policy \(direction.rawValue) from \(source) to \(destination)" }
}
