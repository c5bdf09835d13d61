import Wire

/// What was found different from the observation before: such an event has no id, and who is away misses it.
enum ObservedEvent: Sendable, Equatable {
    /// The status of a tunnel or an association is another one.
    case status(of: AuditObject, word: String, detail: String?)
    /// Peers of one tunnel that are in another state, or have shaken hands anew.
    case handshake(tunnel: ObjectID, name: ObjectName, peers: [Peer])

    struct Peer: Sendable, Equatable {
        let id: ObjectID
        let name: ObjectName
        let condition: PeerCondition
        /// Seconds since 1970; 0 if there was none since the interface was made.
        let latestHandshake: UInt64
    }

    /// The event as it is sent.
    ///
    /// - Parameter time: of the observation.
    func block(at time: Timestamp) -> EventBlock {
        switch self {
        case .status(let object, let word, let detail):
            EventBlock(
                event: "status",
                data: [
                    "time": time.json, "object": object.json, "status": .text(word),
                    "status_detail": detail.map(JSON.text) ?? nil,
                ])
        case .handshake(let tunnel, let name, let peers):
            EventBlock(
                event: "handshake",
                data: [
                    "time": time.json, "tunnel": ["id": tunnel.json, "name": name.json],
                    "peers": .array(peers.map(\.json)),
                ])
        }
    }
}

extension ObservedEvent.Peer {
    fileprivate var json: JSON {
        let time = Timestamp(milliseconds: Int64(clamping: min(latestHandshake, 1 << 40)) * 1000)
        return [
            "id": id.json, "name": name.json, "state": .text(condition.rawValue),
            "latest_handshake": latestHandshake == 0 ? nil : time.json,
        ]
    }
}
