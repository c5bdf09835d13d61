internal import CLinux
internal import Glibc
package import Wire

extension SecurityAssociationState {
    /// Reads an `XFRM_MSG_NEWSA`; nil if it is none, or neither ESP nor AH, or has a mark, for then it is not found by its
    /// key alone, and ours have none.
    ///
    /// - Parameter fingerprint: what a key is replaced by; it gets the bytes where they are and keeps none. It is not asked
    ///   of a key that the kernel hides (``SecretFingerprint/hidden``).
    package init?(_ reply: NetlinkReply, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint) {
        guard reply.type == XFRM_MSG_NEWSA, let info = reply.familyHeader(as: xfrm_usersa_info.self),
            let family = IPAddress.Family(info.family), let spi = try? SPI(UInt32(bigEndian: info.id.spi)),
            let securityProtocol = IPsecProtocol(number: info.id.proto)
        else { return nil }
        let fingerprint = { (key: UnsafeRawBufferPointer) -> SecretFingerprint in
            key.allSatisfy { $0 == 0 } ? .hidden : fingerprint(key)
        }
        var algorithms = ListedAlgorithms()
        for attribute in reply.attributes(after: xfrm_usersa_info.self) {
            guard UInt32(attribute.type) != XFRMA_MARK.rawValue else { return nil }
            algorithms.take(attribute)
        }
        let number = AssociationNumber(reqid: info.reqid)
        let (source, destination) = (info.saddr.address(family), info.id.daddr.address(family))
        var asMade: SecurityAssociation<SecretFingerprint>?
        if let number, let mode = IPsecMode(number: info.mode), info.isAsMade(mode, family),
            let transform = algorithms.transform(fingerprint), transform.securityProtocol == securityProtocol,
            let replayWindow = try? ReplayWindow(info.replay_window)
        {
            asMade = SecurityAssociation(
                number: number, source: source, destination: destination, spi: spi, mode: mode, transform: transform,
                replayWindow: replayWindow)
        }
        self.init(
            number: number, source: source, destination: destination, spi: spi, securityProtocol: securityProtocol,
            asMade: asMade, bytes: info.curlft.bytes, packets: info.curlft.packets, addedAt: info.curlft.add_time,
            usedAt: info.curlft.use_time, outsideWindow: UInt64(info.stats.replay_window),
            repeated: UInt64(info.stats.replay), unauthentic: UInt64(info.stats.integrity_failed))
    }
}

extension xfrm_usersa_info {
    /// Whether selector, lifetime and flags are those that ``AssociationMessages`` writes.
    fileprivate func isAsMade(_ mode: IPsecMode, _ family: IPAddress.Family) -> Bool {
        guard lft.isUnlimited else { return false }
        return switch mode {
        case .tunnel: Int32(flags) == XFRM_STATE_AF_UNSPEC && sel.choosesAll(AF_UNSPEC)
        case .transport: flags == 0 && sel.choosesAll(family.number)
        }
    }
}

/// The algorithms of a security association while its attributes are read.
private struct ListedAlgorithms {
    private var aead: ListedAlgorithm?
    private var cipher: ListedAlgorithm?
    private var hash: ListedAlgorithm?
    /// Whether it has something that we never use, or that can't be read.
    private var isStrange = false

    mutating func take(_ attribute: NetlinkAttribute) {
        switch UInt32(attribute.type) {
        case XFRMA_ALG_AEAD.rawValue: aead = read(attribute, hasTag: true)
        case XFRMA_ALG_CRYPT.rawValue: cipher = read(attribute, hasTag: false)
        // Beside XFRMA_ALG_AUTH, which says the same without the length of the tag.
        case XFRMA_ALG_AUTH_TRUNC.rawValue: hash = read(attribute, hasTag: true)
        case XFRMA_ALG_COMP.rawValue, XFRMA_ENCAP.rawValue, XFRMA_SEC_CTX.rawValue, XFRMA_COADDR.rawValue,
            XFRMA_TFCPAD.rawValue, XFRMA_REPLAY_ESN_VAL.rawValue, XFRMA_SA_EXTRA_FLAGS.rawValue,
            XFRMA_OFFLOAD_DEV.rawValue, XFRMA_SET_MARK.rawValue, XFRMA_IF_ID.rawValue:
            isStrange = true
        default: break
        }
    }

    private mutating func read(_ attribute: NetlinkAttribute, hasTag: Bool) -> ListedAlgorithm? {
        let listed = ListedAlgorithm(attribute.payload, hasTag: hasTag)
        if listed == nil { isStrange = true }
        return listed
    }

    func transform(_ fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint) -> Transform<SecretFingerprint>? {
        guard !isStrange else { return nil }
        switch (aead, cipher, hash) {
        case (let aead?, nil, nil):
            return EncryptionAlgorithm(aead).map { .aead($0, fingerprint(aead.key)) }
        case (nil, let cipher?, let hash?):
            guard let encryption = EncryptionAlgorithm(cipher), let authentication = AuthenticationAlgorithm(hash)
            else { return nil }
            return .cipher(encryption, fingerprint(cipher.key), authentication, fingerprint(hash.key))
        case (nil, nil, let hash?):
            return AuthenticationAlgorithm(hash).map { .authentication($0, fingerprint(hash.key)) }
        default: return nil
        }
    }
}
