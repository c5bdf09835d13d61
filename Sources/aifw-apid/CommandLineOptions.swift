import Wire

/// A command line, taken apart: what to do, and where settings come from.
struct CommandLineOptions {
    enum Action: Equatable {
        case run
        case check
        case help
        case version
    }

    /// The file that is read if it is there and no other one is named.
    static let standardFile = "/etc/aifw/apid.yaml"
    /// The variable that names another one.
    static let fileVariable = "AIFW_CONFIG"

    private(set) var action = Action.run
    /// What is wrong with it.
    private(set) var faults: [String] = []
    private var file: String?
    private var values: [SettingsKey: String] = [:]

    /// `arguments` without the program's name: `--key value`, `--key=value`, and `--allow-root` alone.
    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let given = parts.count > 1 ? parts[1] : nil
            switch parts[0] {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--check": if action == .run { action = .check }
            default: read(parts[0], given, &rest)
            }
        }
    }

    private mutating func read(_ option: String, _ given: String?, _ rest: inout ArraySlice<String>) {
        let name = option.hasPrefix("--") ? String(option.dropFirst(2)) : ""
        let key = SettingsKey(rawValue: name)
        guard key != nil || name == "config" else {
            let known = Set(SettingsKey.allCases.map(\.rawValue) + ["config", "check", "help", "version"])
            let meant = name.isEmpty ? "" : Faults.suggestion(for: name, known)
            faults.append("\(option.quoted) is not known\(meant.isEmpty ? "; see --help" : meant)")
            return
        }
        guard let value = given ?? (key == .allowRoot ? "true" : rest.popFirst()) else {
            faults.append("--\(name): a value is missing")
            return
        }
        guard (key.map { values.updateValue(value, forKey: $0) } ?? file) == nil else {
            faults.append("--\(name): is given twice")
            return
        }
        if key == nil { file = value }
    }

    /// Where values come from, in order of precedence: the command line, the environment, the file.
    ///
    /// - Parameters:
    ///   - standardFile: the file that is read if it is there and neither the command line nor the environment names one.
    ///   - faults: gets what is wrong with the command line, with names in the environment, and in the file.
    ///   - strangers: gets the variables that begin as ours do and mean nothing here.
    func sources(
        environment: [String: String], standardFile: String?, faults: inout [String], strangers: inout [String]
    ) -> [SettingsSource] {
        faults += self.faults
        strangers += SettingsSource.strangers(in: environment, faults: &faults)
        var sources = [
            SettingsSource("command line", values: values) { "--\($0.rawValue)" },
            SettingsSource(environment: environment),
        ]
        let named = file ?? environment[Self.fileVariable]
        guard let path = named ?? standardFile, let file = ConfigurationFile(path, isOptional: named == nil) else {
            return sources
        }
        faults += file.faults
        sources.append(file.source)
        return sources
    }

    /// What `--help` prints.
    static var help: String {
        var lines = [
            "aifw-apid: the API daemon of AiFw VPN", "",
            "usage: aifw-apid [--config FILE] [--key value …] [--check | --help | --version]", "",
            "Each key can be given as --key, as AIFW_KEY in the environment, or as \"key: value\" in the YAML file.",
            "The file is \(standardFile), if it is there and --config or \(fileVariable) names no other one.", "",
        ]
        for key in SettingsKey.allCases {
            let name = "  --" + key.rawValue
            let padding = String(repeating: " ", count: max(1, 22 - name.count))
            let builtIn = key.builtIn.map { " (\($0))" } ?? ""
            lines.append(name + padding + key.help + builtIn)
        }
        lines += [
            "",
            "--check reads all that, says what holds and where it is from, and touches nothing.", "",
            "Sockets that systemd passes (LISTEN_FDS) are served too, by their FileDescriptorName=: api, a Unix socket,",
            "instead of --api-socket; https, TCP, beside --listen, for which nothing is built in then.", "",
            "SIGHUP reads the certificate again.",
        ]
        lines += ["", "exit: 0 stopped or checked, 64 wrong settings, 1 could not start"]
        return lines.joined(separator: "\n")
    }
}
