/// What a text's colour says again: the words alone must be enough, for colour is lost in pipes and on some eyes.
enum Tone {
    case plain, heading, good, waiting, bad, faint

    /// The tone of a tunnel's or peer's state.
    init(state: String) {
        self =
            switch state {
            case "up", "online": .good
            case "stale": .waiting
            case "error", "expired": .bad
            case "down", "never", "disabled": .faint
            default: .plain
            }
    }

    /// The text within the control sequences of ECMA-48 (SGR).
    func painted(_ text: String) -> String {
        let code =
            switch self {
            case .plain: ""
            case .heading: "1"
            case .good: "32"
            case .waiting: "33"
            case .bad: "31"
            case .faint: "2"
            }
        return code.isEmpty ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
