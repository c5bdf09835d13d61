internal import Glibc
internal import QR
internal import Wire

extension Failure {
    /// What a user reads on stderr: what was wrong, where, and what to do next, in one or more lines.
    ///
    /// - Parameter flags: which option each field of the body was given by, such as `listen_port` by `--port`.
    func text(flags: [String: String]) -> String {
        switch self {
        case .unreachable(let socket, let reason, let group) where isPermission(reason):
            """
            no permission to connect to \(socket): it is open to root and to members of the group \
            "\(group ?? "aifw")".
            Join it and log in again: sudo usermod -aG \(group ?? "aifw") "$USER"
            """
        case .unreachable(let socket, let reason, _):
            """
            the API daemon is not reachable at \(socket): is aifw-apid running? (\(Self.words(reason)))
            Start it: sudo systemctl start aifw-apid. If it listens elsewhere: --api-socket PATH or AIFW_API_SOCKET.
            """
        case .connectionLost(let reason):
            """
            the API daemon ended the connection before its answer was complete\
            \(reason == 0 ? "" : " (\(Self.words(reason)))").
            A change may or may not have been made: `aifw vpn list` shows. Its log: journalctl -u aifw-apid
            """
        case .timedOut(let seconds):
            """
            the API daemon did not answer within \(seconds) s.
            A change may or may not have been made: `aifw vpn list` shows. Its log: journalctl -u aifw-apid
            """
        case .notUnderstood(let what):
            """
            the API's answer is not understood: \(what).
            Is --api-socket the socket of aifw-apid, of the same version as this command?
            """
        case .refused(let problem):
            problem.text(flags: flags)
        case .noMatch(let kind, let reference, let hint):
            "there is no \(kind) \"\(reference)\".\n\(hint)"
        case .ambiguous(let kind, let reference, let candidates):
            "\"\(reference)\" may be any of these; give the id instead of the \(kind)'s name:\n"
                + candidates.map { "  \($0)" }.joined(separator: "\n")
        case .givenUp:
            "given up: nothing was done"
        case .unreadableFile(let path, let reason):
            "can't read \(path): \(Self.words(reason))"
        case .wrongFile(let path, let reason):
            "\(path) \(reason)"
        case .unwritableFile(let path, let reason):
            "can't write \(path): \(Self.words(reason))"
        case .notDelivered(let reason):
            "not delivered: \(reason)"
        case .noQRCode(.tooLarge(let count)):
            """
            the configuration has \(count) bytes, and a QR code holds \(QRCode.limit) at most.
            Import the file instead (-o peer.conf), or have fewer routes in it: aifw vpn wg-peer-edit --client-routes
            """
        case .noQRCode(.notMade(let reason)):
            "the QR code could not be made: \(Self.words(reason))"
        }
    }

    private static func words(_ reason: Int32) -> String { String(cString: strerror(reason)) }
}

extension Problem {
    /// Title and detail, every fault on a line of its own under the option it was given by, and what to do next.
    func text(flags: [String: String]) -> String {
        var lines = [title]
        if let detail, detail != title { lines.append("  \(detail)") }
        for fault in faults { lines.append("  \(Self.named(fault.field, by: flags))\(fault.detail)") }
        if let advice { lines.append(advice) }
        return lines.joined(separator: "\n")
    }

    /// `allowed_ips[1]` becomes `--allowed-ips, entry 2: `; a field that no option stands for keeps its name.
    static func named(_ field: String, by flags: [String: String]) -> String {
        guard !field.isEmpty else { return "" }
        guard let bracket = field.firstIndex(of: "["), field.last == "]",
            let index = Int(field[field.index(after: bracket)...].dropLast())
        else { return (flags[field] ?? field) + ": " }
        let name = String(field[..<bracket])
        return "\(flags[name] ?? name), entry \(index + 1): "
    }

    private var assurance: String { isOfChange ? "Nothing was changed. " : "" }

    private var advice: String? {
        switch status {
        case 401, 403: "The API's Unix socket admits administrators without a token: is --api-socket the right one?"
        case 404:
            """
            `aifw vpn list` shows tunnels and associations, `aifw vpn wg-peer-list --tunnel <id>` a tunnel's peers.
            """
        case 429: "Try again \(retryAfter.map { "in \($0) s" } ?? "later")."
        case 502: "\(assurance)More may be in the helper's log: journalctl -u aifw-privd"
        case 503:
            "\(assurance)Is the helper running? systemctl status aifw-privd; then try again"
                + (retryAfter.map { " in \($0) s." } ?? ".")
        case 500...: "The API's log may say more: journalctl -u aifw-apid"
        default: nil
        }
    }
}
