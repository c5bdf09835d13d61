import HummingbirdCore

/// Somebody has changed an object between the look at what there was and the change that was worked out from that.
struct Overtaken: Error {
    /// How often a change is worked out anew that another one overtook.
    private static let attempts = 5

    /// Runs what looks at an object, works out its change and makes it, until nobody comes in between.
    static func retrying(_ change: () async throws -> Response) async throws -> Response {
        for _ in 0..<attempts {
            do {
                return try await change()
            } catch is Overtaken {
                continue
            }
        }
        throw Problem(.conflict, "Others have changed it meanwhile, again and again; nothing was done. Try again.")
    }
}
