import Wire

/// Holds what grows to the policy's limit, and counts what the kernel has only when it might be reached.
///
/// Between two counts it knows an upper bound: the last count and what was admitted since, as if nothing had been there
/// already or removed. So a change costs the same however much there is.
struct Quota {
    let use: NetworkPolicy.Use
    private let counted: String
    private let times: Int
    /// Nil until the first count.
    private var bound: Int?

    /// - Parameters:
    ///   - counted: what is counted, where that is not what the limit is of.
    ///   - times: how many of it go with each that the limit is of.
    init(_ use: NetworkPolicy.Use, counting counted: String? = nil, times: Int = 1) {
        self.use = use
        self.counted = counted ?? use.rawValue
        self.times = times
    }

    /// Admits that many more if the limit can't be passed by them; false if that is not known.
    mutating func admits(_ more: Int, under policy: NetworkPolicy) -> Bool {
        guard let bound, bound + more <= limit(under: policy) else { return false }
        self.bound = bound + more
        return true
    }

    /// Admits what adds up to `growth` more than the `count` that there is; what does not grow is admitted over the limit too.
    mutating func admit(_ growth: Int, to count: Int, under policy: NetworkPolicy, field: String) throws(Refusal) {
        bound = count + max(0, growth)
        let limit = limit(under: policy)
        guard growth > 0, count + growth > limit else { return }
        bound = count
        let member = "\(use.rawValue).limit"
        let source =
            policy.allowance(for: use).limit == nil
            ? "the built-in limit; \(member) in the policy file sets another" : "set by \(member) in the policy file"
        let share = times == 1 ? "" : "\(times) for each of the \(use.rawValue): "
        throw Refusal(
            .limit, "would make \(count + growth) \(counted); at most \(limit) are kept, \(share)\(source)",
            field: field)
    }

    private func limit(under policy: NetworkPolicy) -> Int { times * policy.limit(of: use) }
}
