import Configuration
import Wire

/// One place that settings come from, as a provider of swift-configuration, and how each key is called there.
struct SettingsSource {
    let provider: any ConfigProvider
    /// Where a key that this place has was given: `--listen`, `AIFW_LISTEN`, `/etc/aifw/apid.yaml:12`.
    let place: (SettingsKey) -> String

    /// The text of a key; nil where it was not given here.
    func text(_ key: SettingsKey) -> String? {
        // All of our providers hold texts, or nothing: none of them can fail to convert one.
        guard let found = try? provider.value(forKey: AbsoluteConfigKey([key.rawValue]), type: .string),
            case .string(let text)? = found.value?.content
        else { return nil }
        return text
    }

    /// Keys of which the text is known already.
    init(_ name: String, values: [SettingsKey: String], place: @escaping (SettingsKey) -> String) {
        let pairs = values.map { (AbsoluteConfigKey([$0.rawValue]), ConfigValue(.string($1), isSecret: false)) }
        provider = InMemoryProvider(name: name, values: Dictionary(uniqueKeysWithValues: pairs))
        self.place = place
    }

    /// The environment: `AIFW_` and the key, in capitals.
    init(environment: [String: String]) {
        provider = KeyMappingProvider(upstream: EnvironmentVariablesProvider(environmentVariables: environment)) {
            AbsoluteConfigKey(["aifw"] + $0.components)
        }
        place = \.variable
    }

    /// What is wrong with the variables that begin as ours do: one that is nearly a key is a slip of the pen, and must
    /// not pass for a setting that was made. Others are not ours to judge; they are returned by name.
    static func strangers(in environment: [String: String], faults: inout [String]) -> [String] {
        let known = SettingsKey.allCases.map(\.variable) + [CommandLineOptions.fileVariable]
        var others: [String] = []
        for name in environment.keys.sorted() where name.hasPrefix(SettingsKey.prefix) && !known.contains(name) {
            let nearest = known.map { ($0, Faults.distance(name, $0, most: 3)) }.min { $0.1 < $1.1 }
            if let (meant, distance) = nearest, distance <= 3 {
                faults.append("\(name): is not known; did you mean \(meant)?")
            } else {
                others.append(name)
            }
        }
        return others
    }
}
