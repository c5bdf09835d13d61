import Wire

/// One file that is to become a tunnel, and where its faults are said to be.
struct ImportSource: Sendable {
    /// What is in front of a line's number: `config`, `files[2].config`, `office.conf`.
    let place: String
    /// The member that says the tunnel's name, or should.
    let nameField: String
    /// The same of its interface.
    let interfaceField: String
    let file: ImportFileName?
    /// What was asked for; nil for what the file is called.
    let name: ObjectName?
    let interface: TunnelInterface?
    let reading: WireGuardQuickFile.Reading

    /// In a body of JSON, of which `path` is the place of the object that has it.
    init(_ fields: ImportFields, at path: String, _ reading: WireGuardQuickFile.Reading) {
        place = fields.file?.description ?? path + "config"
        (nameField, interfaceField) = (path + "name", path + "interface")
        (file, name, interface) = (fields.file, fields.name, fields.interface)
        self.reading = reading
    }

    /// In a zip.
    init(_ file: ImportFileName, _ reading: WireGuardQuickFile.Reading) {
        place = file.description
        (nameField, interfaceField) = (place, place)
        self.file = file
        (name, interface) = (nil, nil)
        self.reading = reading
    }

    /// The interface that its file is named after, which it gets if that is free.
    var preferredInterface: TunnelInterface? { file.flatMap { try? TunnelInterface($0.stem) } }

    /// What its tunnel is called: what was asked for, else as its file; nil if there is neither, or the file's name is none.
    var tunnelName: ObjectName? { name ?? file.flatMap { try? ObjectName($0.stem) } }

    /// Where a line of it is.
    func field(_ line: Int?) -> String { line.map { "\(place) line \($0)" } ?? place }

    /// What is wrong with the file by itself.
    var faults: [Problem.Fault] {
        let all = reading.faults
        var told = all.list.map { Problem.Fault(field: field($0.line), detail: $0.words) }
        if file != nil, tunnelName == nil {
            let words = "is needed, for what the file is called can't be a tunnel's name of 1 to 64 characters"
            told.append(.init(field: nameField, detail: words))
        }
        guard all.isFull else { return told }
        return told + [.init(field: place, detail: "has more faults; it was not looked at further")]
    }

    func fault(_ line: Int?, _ words: String) -> Problem.Fault { .init(field: field(line), detail: words) }

    func warnings(_ notices: Notices) -> [String] {
        let more = notices.count - notices.list.count
        return notices.list.map { "\(field($0.line)): \($0.words)" }
            + (more > 0 ? ["\(place): and \(more) more of this kind"] : [])
    }
}

/// What a request says of one file.
struct ImportFields: Sendable {
    var file: ImportFileName?
    var name: ObjectName?
    var interface: TunnelInterface?
}
