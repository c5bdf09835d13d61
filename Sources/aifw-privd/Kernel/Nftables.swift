internal import CNftables
internal import FilterRules
internal import KernelMessages
internal import Wire

/// The kernel's nf_tables: changed by libnftables, one transaction a request, and read by netlink (``NftablesAnchor``).
///
/// It holds table `inet aifw` and in it the chains and sets of the anchor. Base chains of the host, and every other table,
/// are never touched; where there is no such table it is made with base chains that accept what nothing else does.
final class Nftables: PacketFilter {
    private let context: OpaquePointer
    private let anchor: NftablesAnchor

    /// libnftables reads files and opens its socket now, and never again: before the cage is shut.
    init(_ anchor: NftablesAnchor) throws(Refusal) {
        guard let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw Refusal(.filter, "libnftables can't be set up")
        }
        self.context = context
        self.anchor = anchor
        nft_ctx_buffer_output(context)
        nft_ctx_buffer_error(context)
        // What it says has numbers in it, not names that would have to be looked up in files.
        nft_ctx_output_set_flags(context, UInt32(NFT_CTX_OUTPUT_NUMERIC_ALL))
    }

    deinit { nft_ctx_free(context) }

    let backend = FilterBackend.nftables

    func apply(_ request: ApplyRules) throws(Refusal) {
        if request.reset {
            try run(NftablesText.reset(request.add, makesBase: try !anchor.hasTable()))
        } else if !request.remove.isEmpty || !request.add.isEmpty {
            try run(NftablesText.change(remove: request.remove, add: request.add))
            guard NftablesText.mayEndTranslation(request.remove), try anchor.hasIdleTranslation() else { return }
            try run(NftablesText.endOfTranslation)
        }
    }

    func read(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        var pages = RulePages(isWhole: try anchor.isWhole())
        try anchor.parts { (part) throws(Refusal) in
            if let full = pages.add(part) { try page(full) }
        }
        try page(pages.last())
    }

    private func run(_ script: String) throws(Refusal) {
        let status = nft_run_cmd_from_buffer(context, script)
        // Both buffers begin anew whenever they are asked for.
        let said = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
        _ = nft_ctx_get_output_buffer(context)
        guard status == 0 else { throw Refusal(.filter, "nftables refused the rules: \(Self.words(of: said))") }
    }

    /// What went wrong, without the places in a script that nobody sees: each reason once.
    private static func words(of said: String) -> String {
        var reasons: [String] = []
        for line in said.split(separator: "\n") where line.contains("Error: ") {
            var words = line
            while !words.hasPrefix("Error: ") { words = words.dropFirst() }
            let reason = String(words.dropFirst("Error: ".count))
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.isEmpty ? "it did not say why" : reasons.prefix(4).joined(separator: "; ")
    }
}
