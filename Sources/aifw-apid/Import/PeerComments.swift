/// The comments around a peer's section that may say what it is called: those directly above its `[Peer]`, and those
/// inside the section.
///
/// Told of every line in its order. Nothing but the names is kept, however many comments there are.
struct PeerComments {
    /// Of several comments, those that count.
    private struct Found {
        /// What names the peer outright (`# Name = x`, `### Client x`, `# BEGIN_PEER x`),
        var explicit: String?
        /// or may.
        var plain: String?
    }

    /// Above the section that is being read,
    private var above = Found()
    /// inside it,
    private var inside = Found()
    /// and since its last line, so that they may belong to it or to the next one.
    private var pending = Found()
    /// Whether the pending ones follow a line of the section directly.
    private var isAttached = false
    private var isAfterBlank = false

    mutating func meet(_ line: String) {
        if pending.explicit == nil, pending.plain == nil { isAttached = !isAfterBlank }
        switch PeerComment(line) {
        case .name(let name): pending.explicit = name
        case .text(let text): pending.plain = text
        case .other: break
        }
    }

    mutating func meetBlank() {
        if isAttached { keepInside() }
        pending = Found()
        isAfterBlank = true
    }

    mutating func meetKey() {
        keepInside()
        pending = Found()
        isAfterBlank = false
    }

    mutating func beginPeer() {
        (above, inside, pending) = (pending, Found(), Found())
        isAfterBlank = false
    }

    mutating func beginOther() {
        (above, inside, pending) = (Found(), Found(), Found())
        isAfterBlank = false
    }

    private mutating func keepInside() {
        inside.explicit = inside.explicit ?? pending.explicit
        inside.plain = inside.plain ?? pending.plain
    }

    /// What the section's peer may be called, the best first.
    var candidates: [String] { [inside.explicit, above.explicit, above.plain, inside.plain].compactMap(\.self) }
}
