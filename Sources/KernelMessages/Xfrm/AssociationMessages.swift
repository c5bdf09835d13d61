internal import CLinux
internal import Glibc
package import Wire

/// The messages about security associations (linux/xfrm.h); ``SecurityAssociationState`` reads their answers.
package enum AssociationMessages {
    /// Installs one; EEXIST if there is one of that destination, SPI and protocol.
    ///
    /// The selector is left open, for the policies have it: in tunnel mode for both families (`XFRM_STATE_AF_UNSPEC`), or
    /// no IPv6 could go through gateways of IPv4.
    ///
    /// - Parameters:
    ///   - encryption: the key of its cipher, if it has one.
    ///   - authentication: the key of its HMAC, if it has one.
    package static func add<Key>(
        _ association: SecurityAssociation<Key>, encryption: Secret?, authentication: Secret?
    ) -> NetlinkMessage {
        let message = NetlinkMessage(type: UInt16(XFRM_MSG_NEWSA), flags: NLM_F_CREATE | NLM_F_EXCL) {
            (info: inout xfrm_usersa_info) in
            let family = UInt16(association.source.family.number)
            switch association.mode {
            case .tunnel: info.flags = UInt8(XFRM_STATE_AF_UNSPEC)
            case .transport: info.sel.family = family
            }
            info.id.daddr.set(association.destination)
            info.id.spi = association.spi.rawValue.bigEndian
            info.id.proto = association.transform.securityProtocol.number
            info.saddr.set(association.source)
            info.lft.setUnlimited()
            info.reqid = association.number.reqid
            info.family = family
            info.mode = association.mode.number
            info.replay_window = association.replayWindow.rawValue
        }
        switch association.transform {
        case .aead(let cipher, _): encryption.map { message.put(aead: cipher, $0) }
        case .cipher(let cipher, _, let hash, _):
            encryption.map { message.put(cipher: cipher, $0) }
            authentication.map { message.put(hash: hash, $0) }
        case .authentication(let hash, _): authentication.map { message.put(hash: hash, $0) }
        }
        return message
    }

    /// Removes whatever is found by the key; ESRCH if there is none.
    package static func remove(_ key: SecurityAssociationKey) -> NetlinkMessage { message(XFRM_MSG_DELSA, key) }

    /// Asks for what is found by the key; ESRCH is the answer if there is none.
    package static func find(_ key: SecurityAssociationKey) -> NetlinkMessage { message(XFRM_MSG_GETSA, key) }

    /// Whose the one in an answer is; nil if it is somebody else's, or none. Its keys are not looked at.
    package static func number(_ reply: NetlinkReply) -> AssociationNumber? {
        guard reply.type == XFRM_MSG_NEWSA else { return nil }
        return reply.familyHeader(as: xfrm_usersa_info.self).flatMap { AssociationNumber(reqid: $0.reqid) }
    }

    /// Asks for all.
    package static func list() -> NetlinkMessage { NetlinkMessage(type: UInt16(XFRM_MSG_GETSA)) }

    private static func message(_ type: Int, _ key: SecurityAssociationKey) -> NetlinkMessage {
        NetlinkMessage(type: UInt16(type)) { (id: inout xfrm_usersa_id) in
            id.daddr.set(key.destination)
            id.spi = key.spi.rawValue.bigEndian
            id.family = UInt16(key.destination.family.number)
            id.proto = key.securityProtocol.number
        }
    }
}
