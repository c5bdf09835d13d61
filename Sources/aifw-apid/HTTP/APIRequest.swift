import HummingbirdCore

/// A request as Hummingbird hands it over. Named anew because `Request` is what is sent to the helper (Wire).
typealias APIRequest = HummingbirdCore.Request
