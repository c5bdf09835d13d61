/// One step into a process's cage: its name, why it is taken, how, and the attempt to undo it.
package struct ConfinementStep {
    package let name: String
    package let reason: String
    /// Takes the step, or checks that it has been taken where this process may not take it (started by systemd).
    let take: () throws(StartupError) -> Void
    /// Tries to get back what was given up; true if that worked, or if it was never given up.
    let undo: () -> Bool
}
