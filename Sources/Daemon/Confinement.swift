import Glibc

/// A process's cage: steps that are taken in order, then tried to be undone one by one, then the filter of system calls,
/// under which most of the attempts would not even reach what they try.
package struct Confinement {
    private let steps: [ConfinementStep]
    private let filter: SystemCallFilter

    package init(_ privileges: [ConfinementStep], _ files: Landlock, _ filter: SystemCallFilter) {
        steps = privileges + [files.step]
        self.filter = filter
    }

    /// Takes every step and proves it.
    ///
    /// - Returns: a line for each step that holds: its name and its reason.
    /// - Throws: what could not be given up; the process must end then.
    @discardableResult
    package func enterAndProve() throws(StartupError) -> [String] {
        // Landlock and capabilities are a thread's own.
        var threads = stat()
        guard stat("/proc/self/task", &threads) == 0, threads.st_nlink == 3 else {
            throw StartupError("confinement must be entered while there is one thread (is /proc mounted?)")
        }
        for step in steps {
            do throws(StartupError) {
                try step.take()
            } catch {
                throw StartupError("confinement, step \"\(step.name)\": \(error)")
            }
        }
        for step in steps where step.undo() {
            throw StartupError("confinement, step \"\(step.name)\" does not hold: \(step.reason)")
        }
        try filter.enterAndProve()
        let rows = steps.map { ($0.name, $0.reason) } + [(filter.name, filter.reason)]
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, reason in
            "holds  \(name)\(String(repeating: " ", count: width - name.count))  \(reason)"
        }
    }
}
