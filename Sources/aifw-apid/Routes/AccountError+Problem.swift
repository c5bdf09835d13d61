extension HashingThreads.BusyError: ProblemConvertible {
    var problem: Problem {
        Problem(.tooManyRequests, "Too many passwords are being checked at this moment. Try again.")
            .retry(afterSeconds: 1)
    }
}

extension SeedVault.Failure: ProblemConvertible {
    /// The log says more (``Pipeline``); a caller who is not logged in is told nothing about files.
    var problem: Problem {
        Problem(.internalError, "One-time passwords can't be checked at present; the log says why.")
    }
}
