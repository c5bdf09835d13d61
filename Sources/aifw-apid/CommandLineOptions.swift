import Configuration
import Wire

/// A command line, taken apart: what to do, and where settings come from.
struct CommandLineOptions {
    enum Action: Equatable {
        case run
        case check
        case help
        case version
    }

    private(set) var action = Action.run
    private(set) var configurationFile: String?
    private var values: [AbsoluteConfigKey: ConfigValue] = [:]

    /// `arguments` without the program's name: `--key value`, `--key=value`, and `--allow-root` alone.
    init(_ arguments: [String]) throws(SettingsError) {
        var faults: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            var given = parts.count > 1 ? parts[1] : nil
            switch parts[0] {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--check": if action == .run { action = .check }
            default:
                let name = parts[0].hasPrefix("--") ? String(parts[0].dropFirst(2)) : ""
                guard name == "config" || SettingsKey(rawValue: name) != nil else {
                    faults.append("\(argument.quoted) is not known; see --help")
                    continue
                }
                if given == nil, name == SettingsKey.allowRoot.rawValue { given = "true" }
                guard let value = given ?? rest.popFirst() else {
                    faults.append("--\(name): a value is missing")
                    continue
                }
                if name == "config" {
                    configurationFile = value
                } else {
                    values[AbsoluteConfigKey([name])] = ConfigValue(.string(value), isSecret: false)
                }
            }
        }
        guard faults.isEmpty || action == .help else { throw SettingsError(faults) }
    }

    /// Where values come from, in order of precedence.
    func sources(environment: [String: String]) throws(SettingsError) -> [any ConfigProvider] {
        let variables = KeyMappingProvider(upstream: EnvironmentVariablesProvider(environmentVariables: environment)) {
            AbsoluteConfigKey(["aifw"] + $0.components)
        }
        var sources: [any ConfigProvider] = [InMemoryProvider(name: "command line", values: values), variables]
        if let path = configurationFile ?? environment["AIFW_CONFIG"] { sources.append(try Self.file(path)) }
        return sources
    }

    /// The JSON file, read by the strict parser, so that a misspelt or doubled key is found.
    private static func file(_ path: String) throws(SettingsError) -> InMemoryProvider {
        guard let text = PrivateFile.read(path) else { throw SettingsError(["\(path): can't be read"]) }
        let json: JSON
        do throws(JSONError) {
            json = try JSONParser.parse(Bytes(text.utf8))
        } catch {
            throw SettingsError(["\(path): \(error.description)"])
        }
        guard case .object(let members) = json else { throw SettingsError(["\(path): must hold an object"]) }
        var faults: [String] = []
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for member in members {
            let text: String? =
                switch member.value {
                case .string(let string): string.text
                case .bool(let flag): String(flag)
                default: nil
                }
            guard SettingsKey(rawValue: member.name) != nil else {
                faults.append("\(path): \(member.name.quoted) is not known")
                continue
            }
            guard let text else {
                faults.append("\(path): \(member.name): must be a string, not \(member.value.kind)")
                continue
            }
            values[AbsoluteConfigKey([member.name])] = ConfigValue(.string(text), isSecret: false)
        }
        guard faults.isEmpty else { throw SettingsError(faults) }
        return InMemoryProvider(name: path, values: values)
    }

    /// What `--help` prints.
    static var help: String {
        var lines = [
            "aifw-apid: the API daemon of AiFw VPN", "",
            "usage: aifw-apid [--config FILE] [--key value …] [--check | --help | --version]", "",
            "Each key can be given as --key, as AIFW_KEY in the environment, or as \"key\" in the JSON file.", "",
        ]
        for key in SettingsKey.allCases {
            let name = "  --" + key.rawValue
            let padding = String(repeating: " ", count: max(1, 22 - name.count))
            let builtIn = key.builtIn.map { " (\($0))" } ?? ""
            lines.append(name + padding + key.help + builtIn)
        }
        lines += [
            "",
            "Sockets that systemd passes (LISTEN_FDS) are served too, by their FileDescriptorName=: api, a Unix socket,",
            "instead of --api-socket; https, TCP, beside --listen, for which nothing is built in then.",
        ]
        lines += ["", "exit: 0 stopped or checked, 64 wrong settings, 1 could not start"]
        return lines.joined(separator: "\n")
    }
}
