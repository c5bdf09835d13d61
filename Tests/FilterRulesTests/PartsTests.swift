import FilterRules
import Testing
import Wire

struct PartsTests {
    @Test func `Without a filter a rule has no parts`() throws {
        let rule = PassRule.tunnelTraffic(owner: .random(), on: try TunnelInterface("wg0"))
        #expect(rule.parts(with: .none).isEmpty)
    }
}
