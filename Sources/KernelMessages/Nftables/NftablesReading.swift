internal import CLinux

/// What the kernel's nf_tables answers to ``NftablesMessages``, as far as we look at it.
package enum NftablesReading {
    /// A set without its elements.
    package struct SetInfo: Equatable {
        package let name: String
        /// The bytes of an element's key.
        package let keyLength: Int
    }

    /// The comment of a rule; nil if it has none.
    ///
    /// It stands in the user data of the rule, which the kernel keeps for nft(8): a type, a length, and so many bytes,
    /// again and again; type 0 is the comment (`NFTNL_UDATA_RULE_COMMENT` of libnftnl's udata.h).
    package static func comment(_ reply: NetlinkReply) -> String? {
        let attributes = reply.attributes(after: nfgenmsg.self)
        guard var rest = attributes.first(where: { $0.type == Int(NFTA_RULE_USERDATA.rawValue) })?.payload[...] else {
            return nil
        }
        while rest.count >= 2 {
            let (type, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]))
            rest = rest.dropFirst(2)
            guard rest.count >= length else { return nil }
            if type == 0 { return String(decoding: rest.prefix(length).prefix { $0 != 0 }, as: UTF8.self) }
            rest = rest.dropFirst(length)
        }
        return nil
    }

    /// A set; nil if the message has no name and key length.
    package static func set(_ reply: NetlinkReply) -> SetInfo? {
        var name: String?
        var length: UInt32?
        for attribute in reply.attributes(after: nfgenmsg.self) {
            switch UInt32(attribute.type) {
            case NFTA_SET_NAME.rawValue: name = attribute.text
            case NFTA_SET_KEY_LEN.rawValue: length = attribute.integer().map(UInt32.init(bigEndian:))
            default: continue
            }
        }
        guard let name, let length else { return nil }
        return SetInfo(name: name, keyLength: Int(length))
    }

    /// An element's key, and the last key that it stands for where it stands for a range.
    package struct Keys: Equatable {
        package let first: [UInt8]
        package let last: [UInt8]?
    }

    /// The keys of the elements in one message of a list; what has no key is passed over.
    package static func keys(_ reply: NetlinkReply) -> [Keys] {
        reply.attributes(after: nfgenmsg.self).filter { $0.type == Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) }.flatMap {
            $0.nested.compactMap { element in
                key(element, NFTA_SET_ELEM_KEY).map { Keys(first: $0, last: key(element, NFTA_SET_ELEM_KEY_END)) }
            }
        }
    }

    private static func key(_ element: NetlinkAttribute, _ which: nft_set_elem_attributes) -> [UInt8]? {
        let key = element.nested.first { $0.type == Int(which.rawValue) }
        return key?.nested.first { $0.type == Int(NFTA_DATA_VALUE.rawValue) }.map { Array($0.payload) }
    }
}
