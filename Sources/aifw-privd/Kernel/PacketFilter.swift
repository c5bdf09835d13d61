internal import Wire

/// The host's packet filter, by whichever means: what ``Kernel`` needs of it, and no more.
///
/// The contracts of both are those of the verbs ``ApplyRules`` and ``ReadRules``.
protocol PacketFilter {
    var backend: FilterBackend { get }

    func apply(_ request: ApplyRules) throws(Refusal)

    func read(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal)
}

/// No packet filter: every rule is taken and none is loaded.
struct NoPacketFilter: PacketFilter {
    let backend = FilterBackend.none

    func apply(_ request: ApplyRules) throws(Refusal) {}

    func read(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        try page(ReadRules.Answer(isWhole: true, parts: [], more: false))
    }
}
