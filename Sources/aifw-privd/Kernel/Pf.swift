internal import FilterRules
internal import Wire

/// pf, whose anchor is changed as a whole: what pfctl(8) prints is read, changed and loaded again.
///
/// It is run by the launcher, for the helper can execute nothing. No state is kept here: what is loaded is in pf alone.
struct Pf: PacketFilter {
    let pfctl: any PfctlRunning

    let backend = FilterBackend.pf

    func apply(_ request: ApplyRules) throws(Refusal) {
        guard !request.reset else { return try pfctl.load(PFText.anchor(request.add)) }
        guard !request.remove.isEmpty || !request.add.isEmpty else { return }
        let present = try pfctl.show()
        let wanted = PFText.changed(present, remove: request.remove, add: request.add)
        if wanted != present { try pfctl.load(wanted) }
    }

    /// Always whole: the anchor has no rule that is constant, and is made by loading it.
    func read(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        var pages = RulePages(isWhole: true)
        for part in PFText.parts(try pfctl.show()) {
            if let full = pages.add(part) { try page(full) }
        }
        try page(pages.last())
    }
}
