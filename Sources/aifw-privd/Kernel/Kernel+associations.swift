internal import KernelMessages
internal import Wire

extension Kernel {
    mutating func applyAssociations(
        _ request: ApplyAssociations, keys: [OpenedKeys]
    ) throws(Refusal) -> ApplyAssociations.Answer { ApplyAssociations.Answer() }

    mutating func readAssociations(
        _ request: ReadAssociations, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadAssociations.Answer) throws(Refusal) -> Void
    ) throws(Refusal) { try page(ReadAssociations.Answer(associations: [], policies: [], more: false)) }

    func policyCount() throws(Refusal) -> Int { 0 }
}
