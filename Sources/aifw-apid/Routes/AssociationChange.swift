import Wire

/// What a change of an association means to others, in words for whoever made it.
struct AssociationChange: Sendable {
    let former: AssociationRecord
    let association: AssociationRecord

    init(from former: AssociationRecord, to association: AssociationRecord) {
        self.former = former
        self.association = association
    }

    var warnings: [String] {
        var warnings: [String] = []
        if former.mode == .tunnel, association.mode == .transport,
            former.localNetworks != nil || former.remoteNetworks != nil
        {
            warnings.append("src_networks and dst_networks went with tunnel mode")
        }
        let changed = changed
        if !changed.isEmpty {
            warnings.append(
                "the far end needs its configuration again: \(changed.joined(separator: ", ")) "
                    + "\(changed.count == 1 ? "has" : "have") changed")
        }
        return warnings
    }

    /// What both ends must have alike, and now have not.
    private var changed: [String] {
        let has = AssociationKeySlot.allCases.filter {
            association.keys[$0] != nil && association.keys[$0]?.secret != former.keys[$0]?.secret
        }
        let members: [(String, Bool)] = [
            ("src_addr", former.local != association.local),
            ("dst_addr", former.remote != association.remote),
            ("protocol", former.protection != association.protection),
            ("mode", former.mode != association.mode),
            ("enc_algo", former.encryption != association.encryption && association.protection.needsEncryption),
            (
                "auth_algo",
                former.authentication != association.authentication
                    && association.protection.needsAuthentication(with: association.encryption)
            ),
            ("src_networks", former.localNetworks != association.localNetworks && association.mode == .tunnel),
            ("dst_networks", former.remoteNetworks != association.remoteNetworks && association.mode == .tunnel),
            ("spi_in", former.spiIn != association.spiIn),
            ("spi_out", former.spiOut != association.spiOut),
        ]
        return members.filter(\.1).map(\.0) + has.map(\.member)
    }
}
