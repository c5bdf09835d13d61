import CLinux
import Foundation
import Testing
import Wire

@testable import KernelMessages

/// Messages to the kernel as they are put together, and answers as they are taken apart.
struct NetlinkTests {
    /// A header of linux/netlink.h and what follows it.
    private func message(type: Int32, flags: Int32 = 0, sequence: UInt32 = 7, _ payload: [UInt8]) -> [UInt8] {
        let header = nlmsghdr(
            nlmsg_len: UInt32(16 + payload.count), nlmsg_type: UInt16(type), nlmsg_flags: UInt16(flags),
            nlmsg_seq: sequence, nlmsg_pid: 0)
        let padding = [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
        return withUnsafeBytes(of: header) { Array($0) } + payload + padding
    }

    private func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private func attribute(_ type: Int, _ payload: [UInt8]) -> [UInt8] {
        bytes(UInt16(4 + payload.count)) + bytes(UInt16(type)) + payload
            + [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
    }

    private func take(_ datagram: [UInt8], _ answer: inout NetlinkAnswer) -> (NetlinkAnswer.Progress, [Int]) {
        var types: [Int] = []
        let progress = datagram.withUnsafeBytes { answer.take($0) { types.append($0.type) } }
        return (progress, types)
    }

    // MARK: Putting together

    @Test func `a message has its header, its family's and padded attributes`() {
        let built = NetlinkMessage(type: UInt16(RTM_NEWLINK), flags: NLM_F_CREATE, familyHeader: ifinfomsg())
        built.put(IFLA_IFNAME, text: "wg0")
        built.nest(IFLA_LINKINFO) { built.put(IFLA_INFO_KIND, text: "tun") }
        let expected =
            [UInt8](repeating: 0, count: 16) + attribute(IFLA_IFNAME, Array("wg0\0".utf8))
            + attribute(IFLA_LINKINFO | 0x8000, attribute(IFLA_INFO_KIND, Array("tun\0".utf8)))
        #expect(Array(built.bytes.dropFirst(16)) == expected)
        built.stamp(sequence: 7, flags: NLM_F_ACK)
        let header = built.bytes.load(as: nlmsghdr.self)
        #expect(header.nlmsg_len == UInt32(16 + expected.count))
        #expect(header.nlmsg_flags == UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK))
        #expect(header.nlmsg_seq == 7)
    }

    // MARK: Taking apart

    @Test func `entries are counted up to the end of the list`() {
        var answer = NetlinkAnswer(sequence: 7)
        let entry = message(type: 16, flags: NLM_F_MULTI, [UInt8](repeating: 0, count: 16))
        #expect(take(entry + entry, &answer) == (.more, [16, 16]))
        #expect(take(message(type: NLMSG_DONE, bytes(Int32(0))), &answer) == (.done(consistent: true), []))
    }

    @Test func `a list that changed while it was read is told from one that did not`() {
        var answer = NetlinkAnswer(sequence: 7)
        let entry = message(type: 16, flags: NLM_F_MULTI | NLM_F_DUMP_INTR, [UInt8](repeating: 0, count: 16))
        _ = take(entry, &answer)
        #expect(take(message(type: NLMSG_DONE, bytes(Int32(0))), &answer).0 == .done(consistent: false))
    }

    @Test func `an answer to an earlier question is passed over`() {
        var answer = NetlinkAnswer(sequence: 7)
        #expect(take(message(type: NLMSG_ERROR, sequence: 6, bytes(-EPERM)), &answer) == (.more, []))
    }

    @Test func `the kernel's own words are found behind the refused message, whole or capped`() {
        let refused = message(type: 16, [UInt8](repeating: 9, count: 20))
        let words = attribute(Int(NLMSGERR_ATTR_MSG.rawValue), Array("no such thing\0".utf8))
        var whole = NetlinkAnswer(sequence: 7)
        let full = message(type: NLMSG_ERROR, flags: NLM_F_ACK_TLVS, bytes(-EINVAL) + refused + words)
        #expect(take(full, &whole).0 == .failed(errno: EINVAL, words: "no such thing"))
        var capped = NetlinkAnswer(sequence: 7)
        let short = message(
            type: NLMSG_ERROR, flags: NLM_F_ACK_TLVS | NLM_F_CAPPED, bytes(-EINVAL) + refused.prefix(16) + words)
        #expect(take(short, &capped).0 == .failed(errno: EINVAL, words: "no such thing"))
    }

    @Test func `no cut through an answer reads beyond it`() {
        let link =
            withUnsafeBytes(of: ifinfomsg()) { Array($0) } + attribute(IFLA_IFNAME, Array("wg0\0".utf8))
            + attribute(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, Array("tun\0".utf8)))
        let whole = message(type: Int32(RTM_NEWLINK), link)
        for count in 0..<whole.count {
            // Memory of exactly that size: the sanitizer sees a read beyond it.
            var answer = NetlinkAnswer(sequence: 7)
            #expect(take(Array(whole.prefix(count)), &answer) == (.more, []))
        }
        for length in 0..<link.count {
            let reply = Array(link.prefix(length)).withUnsafeBytes {
                Link(NetlinkReply(type: RTM_NEWLINK, payload: $0))
            }
            #expect(reply == nil || reply?.name.isEmpty == false)
        }
    }

    @Test(arguments: [0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF] as [UInt32])
    func `a message of a length beyond the datagram ends the answer`(length: UInt32) {
        var datagram = message(type: 16, [UInt8](repeating: 0, count: 16))
        datagram.replaceSubrange(0..<4, with: bytes(length))
        var answer = NetlinkAnswer(sequence: 7)
        #expect(take(datagram, &answer) == (.more, []))
    }

    @Test func `attributes with a wrong length end the list`() {
        for length: UInt16 in [0, 3, 9, 0xFFFF] {
            let bytes = bytes(length) + bytes(UInt16(1)) + [1, 2, 3, 4]
            #expect(bytes.withUnsafeBytes { Array(NetlinkAttributes($0)).count } == 0)
        }
    }
}
