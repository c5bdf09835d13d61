import CLinux
import Testing

@testable import KernelMessages

/// Questions to nf_tables, and its answers, damaged ones among them.
struct NftablesTests {
    private func attribute(_ type: some BinaryInteger, _ payload: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
        return bytes(UInt16(4 + payload.count)) + bytes(UInt16(type)) + payload + padding
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// Reads what follows a `nfgenmsg` of family inet.
    private func read<Result>(_ attributes: [UInt8], _ body: (NetlinkReply) -> Result) -> Result {
        ([1, 0, 0, 0] + attributes).withUnsafeBytes { body(NetlinkReply(type: 0xA00, payload: $0)) }
    }

    private func comment(_ userData: [UInt8]) -> String? {
        read(attribute(NFTA_RULE_USERDATA.rawValue, userData), NftablesReading.comment)
    }

    private func element(_ key: [UInt8], to last: [UInt8]? = nil) -> [UInt8] {
        let first = attribute(NFTA_SET_ELEM_KEY.rawValue, attribute(NFTA_DATA_VALUE.rawValue, key))
        let end = last.map { attribute(NFTA_SET_ELEM_KEY_END.rawValue, attribute(NFTA_DATA_VALUE.rawValue, $0)) }
        return attribute(NFTA_LIST_ELEM.rawValue, first + (end ?? []))
    }

    private func ranges(_ elements: [UInt8]) -> [NftablesReading.Keys] {
        read(attribute(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue, elements), NftablesReading.keys)
    }

    private func keys(_ elements: [UInt8]) -> [[UInt8]] { ranges(elements).map(\.first) }

    // MARK: Questions

    @Test func `a question names family, table and what it is about`() {
        let message = NftablesMessages.elements(of: "wg_ports", "aifw")
        let header = message.bytes.load(as: nlmsghdr.self)
        #expect(header.nlmsg_type == 10 << 8 | 13)  // NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM
        #expect(
            Array(message.bytes.dropFirst(16)) == [1, 0, 0, 0] + attribute(1, Array("aifw\0".utf8))
                + attribute(2, Array("wg_ports\0".utf8)))
    }

    @Test func `each question has its own number`() {
        let messages = [
            NftablesMessages.generation(), NftablesMessages.table("t"), NftablesMessages.chain("c", of: "t"),
            NftablesMessages.rules(of: "c", "t"), NftablesMessages.sets(of: "t"),
            NftablesMessages.elements(of: "s", "t"),
        ]
        #expect(messages.map { $0.bytes.load(as: nlmsghdr.self).nlmsg_type & 0xFF } == [16, 1, 4, 7, 10, 13])
    }

    // MARK: Answers

    @Test func `a comment is read up to its NUL, behind other user data`() {
        #expect(comment([0, 3] + Array("x1\0".utf8)) == "x1")
        #expect(comment([1, 2, 9, 9, 0, 3] + Array("x1\0".utf8)) == "x1")
        #expect(comment([0, 0]) == "")
        #expect(comment([0, 4] + Array("a\0b\0".utf8)) == "a")
    }

    @Test func `user data that ends too early, or has no comment, is none`() {
        #expect(comment([]) == nil)
        #expect(comment([0]) == nil)
        #expect(comment([0, 4] + Array("abc".utf8)) == nil)
        #expect(comment([1, 200, 0]) == nil)
        #expect(comment([1, 1, 0]) == nil)
        #expect(read([], NftablesReading.comment) == nil)
    }

    @Test func `a set has a name and a length of its keys`() {
        let name = attribute(NFTA_SET_NAME.rawValue, Array("wg_ports\0".utf8))
        let length = attribute(NFTA_SET_KEY_LEN.rawValue, [0, 0, 0, 2])
        #expect(read(name + length, NftablesReading.set) == NftablesReading.SetInfo(name: "wg_ports", keyLength: 2))
        #expect(read(name, NftablesReading.set) == nil)
        #expect(read(name + attribute(NFTA_SET_KEY_LEN.rawValue, [2, 0]), NftablesReading.set) == nil)
    }

    @Test func `keys are read as they are, and what has none is passed over`() {
        let empty = attribute(NFTA_LIST_ELEM.rawValue, [])
        #expect(keys(element([1, 2]) + empty + element([])) == [[1, 2], []])
        #expect(keys(empty + attribute(NFTA_LIST_ELEM.rawValue, attribute(NFTA_SET_ELEM_KEY.rawValue, []))) == [])
        #expect(read([], NftablesReading.keys) == [])
    }

    @Test func `a range has both its ends, and a last key alone is none`() {
        #expect(
            ranges(element([1, 2], to: [1, 9]) + element([3, 4])) == [
                NftablesReading.Keys(first: [1, 2], last: [1, 9]), NftablesReading.Keys(first: [3, 4], last: nil),
            ])
        let end = attribute(NFTA_SET_ELEM_KEY_END.rawValue, attribute(NFTA_DATA_VALUE.rawValue, [1]))
        #expect(ranges(attribute(NFTA_LIST_ELEM.rawValue, end)) == [])
    }

    @Test func `an answer that is cut off anywhere is read as far as it goes`() {
        let list = attribute(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue, element([1, 2, 3, 4]) + element([5, 6, 7, 8]))
        for length in 0...list.count {
            let found = read(Array(list.prefix(length)), NftablesReading.keys).map(\.first)
            #expect(found == [] || length == list.count)
        }
        let inner = element([1, 2, 3, 4]) + element([5, 6, 7, 8])
        for length in 0..<inner.count {
            #expect([[], [[1, 2, 3, 4]]].contains(keys(Array(inner.prefix(length)))))
        }
        // A message too short for its own header.
        #expect(
            [UInt8](repeating: 1, count: 2).withUnsafeBytes { NftablesReading.keys(NetlinkReply(type: 0, payload: $0)) }
                == [])
    }
}
