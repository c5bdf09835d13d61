import Wire

/// All that a file of a backup holds, read and put in lists.
struct BackupContents: Sendable {
    let summary: BackupSummary
    private(set) var tunnels: [TunnelEntry] = []
    private(set) var peers: [PeerEntry] = []
    private(set) var associations: [AssociationEntry] = []
    private(set) var tokens: [TokenEntry] = []
    private(set) var users: [UserEntry] = []
    private(set) var webhooks: [WebhookEntry] = []

    /// Reads a whole file; throws for the first thing that is wrong with it.
    init(_ reader: BackupReader, _ key: BackupKey) throws(BackupError) {
        var contents: BackupContents?
        try reader.records(key) { (record) throws(BackupError) in
            if contents != nil {
                try contents?.add(record)
            } else if case .summary(let summary) = record {
                contents = BackupContents(summary)
            } else {
                throw .damaged("it does not begin with its summary")
            }
        }
        guard let contents else { throw .damaged("it has no summary") }
        let counts = contents.counts
        guard counts == contents.summary.counts else { throw .damaged("it does not hold what its summary says") }
        if let fault = contents.fault { throw .damaged(fault) }
        self = contents
    }

    private init(_ summary: BackupSummary) { self.summary = summary }

    private mutating func add(_ record: BackupRecord) throws(BackupError) {
        switch record {
        case .summary: throw .damaged("it has two summaries")
        case .tunnel(let entry): tunnels.append(entry)
        case .peer(let entry): peers.append(entry)
        case .association(let entry): associations.append(entry)
        case .token(let entry): tokens.append(entry)
        case .user(let entry): users.append(entry)
        case .webhook(let entry): webhooks.append(entry)
        }
    }

    var counts: [BackupRecord.Kind: Int] {
        Dictionary(uniqueKeysWithValues: BackupRecord.Kind.allCases.map { ($0, count(of: $0)) })
    }

    private func count(of kind: BackupRecord.Kind) -> Int {
        switch kind {
        case .tunnel: tunnels.count
        case .peer: peers.count
        case .association: associations.count
        case .token: tokens.count
        case .user: users.count
        case .webhook: webhooks.count
        }
    }
}
