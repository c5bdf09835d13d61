internal import FilterRules
internal import Wire

extension Kernel {
    var filter: FilterBackend { .none }

    mutating func applyRules(_ request: ApplyRules) throws(Refusal) -> ApplyRules.Answer { ApplyRules.Answer() }

    mutating func readRules(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        try page(ReadRules.Answer(isWhole: true, parts: [], more: false))
    }
}
