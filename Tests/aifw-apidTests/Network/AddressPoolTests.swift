import Testing
import Wire

@testable import aifw_apid

@Suite struct AddressPoolTests {
    @Test(
        arguments: [
            ("10.0.0.1/24", "10.0.0.2"), ("10.0.0.2/24", "10.0.0.1"), ("10.0.0.0/31", "10.0.0.1"),
            ("10.0.0.1/31", "10.0.0.0"),
            ("10.0.0.1/30", "10.0.0.2"), ("10.0.0.2/30", "10.0.0.1"), ("10.0.0.17/28", "10.0.0.18"),
            ("10.0.0.1/8", "10.0.0.2"),
            ("fd00::1/64", "fd00::2"), ("fd00::/127", "fd00::1"), ("fd00::1/127", "fd00::"), ("fd00::5/64", "fd00::1"),
            ("255.0.0.1/32", nil), ("10.0.0.1/32", nil), ("fd00::1/128", nil), ("ffff::fffe/127", nil),
        ] as [(String, String?)])
    func `the first address is the lowest that is neither the network's nor the tunnel's`(
        address: String, first: String?
    ) throws {
        let own = try InterfaceAddress(address)
        let pool = AddressPool(own.network, own: [own.address])
        #expect(pool.lowestFree(used: [])?.description == (address.hasPrefix("ffff") ? "ffff::ffff" : first))
    }

    @Test(arguments: ["10.0.0.1/28", "10.0.0.0/31", "fd00::9/124", "fd00::/127", "10.0.0.1/32", "192.0.2.130/29"])
    func `handing out all of it agrees with counting all of it`(address: String) throws {
        let own = try InterfaceAddress(address)
        let network = own.network
        let pool = AddressPool(network, own: [own.address])
        let isPointToPoint = network.family.width - network.length <= 1
        let expected = (network.address.bits...network.last.bits).filter { bits in
            bits != own.address.bits && !network.isHost
                && (isPointToPoint
                    || (bits != network.address.bits && (bits != network.last.bits || network.family == .v6)))
        }
        var used: [ClosedRange<UInt128>] = []
        while let next = pool.lowestFree(used: used.sorted { $0.lowerBound < $1.lowerBound }) {
            used.append(next.bits...next.bits)
        }
        #expect(used.map(\.lowerBound) == expected)
    }

    @Test func `ranges that nest, touch or lie outside are walked over`() throws {
        let pool = AddressPool(try Prefix("10.0.0.0/24"), own: [try IPAddress("10.0.0.12")])
        let base: UInt128 = 0x0A00_0000
        let used = [
            0...UInt128(UInt32.max) >> 8, base...base + 7, base + 2...base + 3, base + 8...base + 11,
            base + 13...base + 13,
            base + 20...base + 300,
        ]
        #expect(pool.lowestFree(used: used)?.bits == base + 14)
        #expect(pool.lowestFree(from: base + 16, used: used)?.bits == base + 16)
        #expect(pool.lowestFree(from: base + 20, used: used) == nil)
        #expect(pool.lowestFree(from: base + 300, used: []) == nil)
    }

    @Test func `a pool at the end of the address space ends there`() throws {
        let pool = AddressPool(try Prefix("fd00::/8"), own: [])
        let whole = try Prefix("fd00::/8")
        #expect(pool.lowestFree(used: [whole.address.bits...whole.last.bits]) == nil)
        #expect(pool.lowestFree(used: [0...UInt128.max]) == nil)
        #expect(pool.lowestFree(used: [whole.address.bits...whole.last.bits - 1])?.bits == whole.last.bits)
    }

    @Test func `a large pool costs no more than what is in use`() throws {
        let pool = AddressPool(try Prefix("10.0.0.0/8"), own: [try IPAddress("10.0.0.1")])
        var met = 0
        let used = sequence(first: UInt128(0x0A00_0002)) { $0 + 1 }.lazy.map { bits -> ClosedRange<UInt128> in
            met += 1
            return bits...bits + (bits >= 0x0A00_0064 ? 1 << 20 : 0)
        }
        #expect(pool.lowestFree(from: 0x0A00_0060, used: used.dropFirst(94).prefix(5))?.bits == 0x0A10_0065)
        #expect(met < 110)
    }
}
