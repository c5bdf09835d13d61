internal import Wire

extension Output {
    /// Says on stderr what the API warns of beside its `data`.
    func warn(_ document: JSON) {
        for warning in document["warnings"]?.elements ?? [] {
            guard let text = warning.text ?? warning["detail"]?.text else { continue }
            note("aifw: warning: \(text)")
        }
    }

    /// Shows the answer to an action: its `message`, or its JSON.
    func show(message response: Response) throws(Failure) {
        let document = try response.json()
        guard !json else { return try write(document: response.body) }
        try write((document["message"]?.text ?? "Done").printable + "\n")
        warn(document)
    }
}
