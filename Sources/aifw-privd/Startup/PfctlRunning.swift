import Wire

/// Runs pfctl(8) for the anchor `aifw-vpn`; the launcher is the one thing in the helper that can.
protocol PfctlRunning: AnyObject {
    /// Loads the text as all rules of the anchor.
    ///
    /// - Throws: `.filter` with pfctl's words if it does not take the text, and then what was loaded stays; `.launcher` if
    ///   it could not be run or did not end in time.
    func load(_ text: String) throws(Refusal)

    /// The rules that are loaded, as pfctl prints them.
    func show() throws(Refusal) -> String
}
