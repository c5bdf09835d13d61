internal import Wire

/// Events as lines, each written as it comes: time, what happened, to what.
struct EventLines {
    private let output: Output
    /// How many were written.
    private(set) var count = 0
    /// Whether a stream was there.
    private(set) var hasBegun = false
    private(set) var isInterrupted = true

    init(_ output: Output) { self.output = output }

    /// Says once that the stream has ended and is asked for again.
    mutating func interrupt() {
        guard !isInterrupted else { return }
        isInterrupted = true
        Output.complain("aifw: the API daemon has ended the stream; waiting for it to come back")
    }

    /// The stream is there; says so where it was not.
    mutating func resume() {
        isInterrupted = false
        if hasBegun { Output.complain("aifw: connected again") }
        hasBegun = true
    }

    mutating func write(_ event: ServerEvent) throws(Failure) {
        count += 1
        guard let data = try? JSONParser.parse(Bytes(event.data.utf8)) else {
            throw .notUnderstood("an event that is not JSON")
        }
        guard !output.json else {
            let document: JSON = ["event": .text(event.name), "data": data]
            return try output.write(content: document.serialized)
        }
        if event.name == "reset" {
            Output.complain("aifw: changes up to revision \(data["revision"]?.shown ?? "?") can't be told any more")
            return
        }
        for line in Self.lines(event.name, data) { try output.write(line.rendered(colour: output.colour)) }
    }

    /// What is shown of an event; nothing of one that this program does not know.
    static func lines(_ name: String, _ data: JSON) -> [EventLine] {
        let time = data["time"]?.text ?? ""
        switch name {
        case "change":
            let revision = data["revision"]?.shown.map { "revision \($0)" }
            return [EventLine(time, data["action"]?.text ?? "", .plain, words(data["object"]), revision)]
        case "status":
            let status = data["status"]?.text ?? ""
            return [EventLine(time, status, Tone(state: status), words(data["object"]), data["status_detail"]?.shown)]
        case "handshake":
            let tunnel = data["tunnel"]?["name"]?.text.map { "of \($0)" } ?? ""
            return (data["peers"]?.elements ?? []).map { peer in
                let state = peer["state"]?.text ?? ""
                let handshake = peer["latest_handshake"]?.shown.map { "handshake \($0)" }
                return EventLine(
                    time, state, Tone(state: state), "peer \(peer["name"]?.text ?? "") \(tunnel)", handshake)
            }
        default: return []
        }
    }

    private static func words(_ object: JSON?) -> String {
        ["type", "name"].compactMap { object?[$0]?.shown }.joined(separator: " ")
    }
}

/// One line: columns of a width that most of what is in them fits into, for what comes next is not known.
struct EventLine: Equatable {
    private let cells: [String]
    private let tone: Tone

    init(_ time: String, _ word: String, _ tone: Tone, _ object: String, _ detail: String?) {
        cells = [time, word, object, detail ?? ""].map(\.printable)
        self.tone = tone
    }

    func rendered(colour: Bool) -> String {
        let widths = [24, 8, 32, 0]
        let shown = cells.lastIndex { !$0.isEmpty } ?? 0
        let fields = cells[...shown].indices.map { index in
            let count = index == shown ? 0 : max(0, widths[index] - cells[index].columns)
            let space = String(repeating: " ", count: count)
            let isPainted = colour && !cells[index].isEmpty
            let text = isPainted && index == 1 ? tone.painted(cells[index]) : cells[index]
            return (isPainted && index == 3 ? Tone.faint.painted(text) : text) + space
        }
        return fields.joined(separator: "  ") + "\n"
    }
}
