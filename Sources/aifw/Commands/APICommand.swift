internal import ArgumentParser
internal import Wire

/// A command that calls the API: it says what to send and how to show the answer; failures are reported here.
protocol APICommand: ParsableCommand {
    var common: CommonOptions { get }

    /// Which option each field of the request's body is given by, so that the API's faults name what the user typed.
    static var flags: [String: String] { get }

    func run(_ client: Client, _ output: Output) throws(Failure)
}

extension APICommand {
    static var flags: [String: String] { [:] }

    func run() throws {
        do throws(Failure) {
            try run(Client(socketPath: common.socketPath), Output(json: common.json))
        } catch {
            report(error)
            throw ExitCode(error.exitCode)
        }
    }

    private func report(_ failure: Failure) {
        if common.json, case .refused(let problem) = failure, (try? JSONParser.parse(problem.body)) != nil {
            Output.complain(JSONString(problem.body).text)
        } else {
            Output.complain("aifw: " + failure.text(flags: Self.flags))
        }
    }
}
