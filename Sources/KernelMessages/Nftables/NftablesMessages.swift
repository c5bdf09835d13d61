internal import CLinux
internal import Glibc

/// Questions to the kernel's nf_tables about a table of family `inet` (linux/netfilter/nf_tables.h); ``NftablesReading``
/// reads their answers. Nothing is changed by them: that is libnftables' part.
package enum NftablesMessages {
    /// Asks which number the ruleset has now, which every kernel with nf_tables answers.
    package static func generation() -> NetlinkMessage { message(NFT_MSG_GETGEN, family: AF_UNSPEC) }

    /// Asks for the table; ENOENT is the answer if there is none.
    package static func table(_ table: String) -> NetlinkMessage {
        let message = message(NFT_MSG_GETTABLE)
        message.put(Int(NFTA_TABLE_NAME.rawValue), text: table)
        return message
    }

    /// Asks for a chain; ENOENT is the answer if there is none.
    package static func chain(_ chain: String, of table: String) -> NetlinkMessage {
        let message = message(NFT_MSG_GETCHAIN)
        message.put(Int(NFTA_CHAIN_TABLE.rawValue), text: table)
        message.put(Int(NFTA_CHAIN_NAME.rawValue), text: chain)
        return message
    }

    /// Asks for the rules of a chain, in their order.
    package static func rules(of chain: String, _ table: String) -> NetlinkMessage {
        let message = message(NFT_MSG_GETRULE)
        message.put(Int(NFTA_RULE_TABLE.rawValue), text: table)
        message.put(Int(NFTA_RULE_CHAIN.rawValue), text: chain)
        return message
    }

    /// Asks for the sets of the table, without their elements.
    package static func sets(of table: String) -> NetlinkMessage {
        let message = message(NFT_MSG_GETSET)
        message.put(Int(NFTA_SET_TABLE.rawValue), text: table)
        return message
    }

    /// Asks for the elements of a set.
    package static func elements(of set: String, _ table: String) -> NetlinkMessage {
        let message = message(NFT_MSG_GETSETELEM)
        message.put(Int(NFTA_SET_ELEM_LIST_TABLE.rawValue), text: table)
        message.put(Int(NFTA_SET_ELEM_LIST_SET.rawValue), text: set)
        return message
    }

    private static func message(_ question: nf_tables_msg_types, family: Int32 = inet) -> NetlinkMessage {
        let header = nfgenmsg(nfgen_family: UInt8(family), version: UInt8(NFNETLINK_V0), res_id: 0)
        return NetlinkMessage(
            type: UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(question.rawValue), familyHeader: header)
    }

    /// NFPROTO_INET of linux/netfilter.h.
    private static let inet: Int32 = 1
}
