import Testing

@testable import KernelMessages

/// Which interfaces are taken for ours.
struct TunnelAliasTests {
    @Test(arguments: [
        ("aifw-vpn:5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10", true),
        ("aifw-vpn:5AD0F1E2-7b55-4c33-9d2c-0b8f3f1f5a10", false),
        ("aifw-vpn:", false), ("aifw-vpn", false), ("", false),
        ("aifw-vpn:5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10 ", false),
    ])
    func `only an alias exactly as we write it is ours`(alias: String, ours: Bool) {
        #expect((TunnelAlias.tunnel(alias) != nil) == ours)
    }
}
