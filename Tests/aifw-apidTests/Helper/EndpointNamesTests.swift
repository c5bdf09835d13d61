import Foundation
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// Look-ups of names, by a resolver that answers when the test lets it.
@Suite struct `Look-ups of names` {
    /// What the stand-in for the C library is asked, and how it answers.
    private final class Library: Sendable {
        struct State {
            var addresses: [String: IPAddress] = [:]
            var asked: [String] = []
            var running = 0
            var most = 0
        }

        let state = Mutex(State())
        /// Opened once for every look-up that may end.
        let gate = DispatchSemaphore(value: 0)
        let isGated: Bool

        init(isGated: Bool = false) { self.isGated = isGated }

        func resolve(_ name: HostName) throws(NameResolution.Fault) -> [IPAddress] {
            let address = state.withLock { state in
                state.asked.append(name.description)
                state.running += 1
                state.most = max(state.most, state.running)
                return state.addresses[name.description]
            }
            if isGated { gate.wait() }
            state.withLock { $0.running -= 1 }
            guard let address else { throw NameResolution.Fault(description: "no such name") }
            return [address]
        }

        func set(_ name: String, _ address: String?) throws {
            let address = try address.map { try IPAddress($0) }
            state.withLock { $0.addresses[name] = address }
        }

        var asked: [String] { state.withLock { $0.asked } }
    }

    private static let patience = Duration.seconds(30)
    private let name: HostName

    init() throws { name = try HostName("vpn.example.org") }

    @Test func `what is found is known, and not asked for again at once`() async throws {
        let library = Library()
        try library.set("vpn.example.org", "192.0.2.1")
        let names = EndpointNames(pause: .seconds(3600), resolve: library.resolve)
        #expect(names.answer(for: name) == nil)
        let found = EndpointNames.Answer(addresses: [try IPAddress("192.0.2.1")], fault: nil)
        #expect(await names.lookUp(name, within: Self.patience) == found)
        #expect(names.answer(for: name) == found)
        #expect(await names.lookUp(name, within: Self.patience) == found)
        #expect(library.asked.count == 1 && names.due([name]) == [])
        #expect(names.due([name], at: .now + .seconds(3600)) == [name])
    }

    @Test func `a failure leaves what was known, and says why`() async throws {
        let library = Library()
        try library.set("vpn.example.org", "192.0.2.1")
        let names = EndpointNames(pause: .zero, resolve: library.resolve)
        _ = await names.lookUp(name, within: Self.patience)
        try library.set("vpn.example.org", nil)
        let failed = EndpointNames.Answer(addresses: [try IPAddress("192.0.2.1")], fault: "no such name")
        #expect(await names.lookUp(name, within: Self.patience) == failed)
        try library.set("vpn.example.org", "192.0.2.2")
        await names.lookUp(all: [name], within: Self.patience)
        #expect(names.answer(for: name) == .init(addresses: [try IPAddress("192.0.2.2")], fault: nil))
    }

    @Test func `who fails again and again is asked for less and less often`() async throws {
        let library = Library()
        let names = EndpointNames(pause: .seconds(3600), resolve: library.resolve)
        #expect((0...7).map { EndpointNames.factor(after: $0) } == [1, 1, 2, 4, 8, 16, 16, 16])
        for _ in 0..<3 { _ = await names.lookUp(name, within: Self.patience) }
        #expect(library.asked.count == 3)
        #expect(names.due([name], at: .now + .seconds(3 * 3600)) == [])
        #expect(names.due([name], at: .now + .seconds(4 * 3600)) == [name])
    }

    @Test func `no more than eight are asked for at once, and each once`() async throws {
        let library = Library(isGated: true)
        let names = EndpointNames(resolve: library.resolve)
        let all = try (0..<30).map { try HostName("host\($0).example") }
        for _ in all { library.gate.signal() }
        await names.lookUp(all: all + all, within: Self.patience)
        #expect(library.asked.sorted() == all.map(\.description).sorted())
        #expect(library.state.withLock { $0.most } <= EndpointNames.slots)
        #expect(all.allSatisfy { names.answer(for: $0)?.fault == "no such name" })
    }

    @Test func `nobody waits longer than he likes, and what is found later is kept`() async throws {
        let library = Library(isGated: true)
        try library.set("vpn.example.org", "192.0.2.1")
        let names = EndpointNames(resolve: library.resolve)
        let early = await names.lookUp(name, within: .milliseconds(20))
        #expect(early.addresses == [] && early.fault?.hasPrefix("no answer within") == true)
        // It is under way: nobody asks for it a second time, nor is it forgotten.
        #expect(names.due([name]) == [])
        names.keep(only: [])
        async let late = names.lookUp(name, within: Self.patience)
        library.gate.signal()
        #expect(await late.addresses == [try IPAddress("192.0.2.1")])
        #expect(library.asked.count == 1)
        names.keep(only: [])
        #expect(names.answer(for: name) == nil)
    }

    @Test func `who has waited longest comes first`() async throws {
        let library = Library()
        let names = EndpointNames(pause: .zero, resolve: library.resolve)
        let all = try ["a.example", "b.example", "c.example"].map { try HostName($0) }
        _ = await names.lookUp(all[1], within: Self.patience)
        _ = await names.lookUp(all[0], within: Self.patience)
        #expect(names.due(all) == [all[2], all[1], all[0]])
    }

    @Test func `the C library is asked, and what no peer can have is left out`() throws {
        #expect(try NameResolution.addresses(of: try HostName("localhost")).contains(try IPAddress("127.0.0.1")))
        #expect(throws: NameResolution.Fault.self) { try NameResolution.addresses(of: try HostName("no-such.invalid")) }
    }
}
