internal import Wire

extension Client {
    /// Admits a peer or shuts it out, and says so.
    func setPeer(_ peer: String, of tunnel: String, enabled: Bool, _ output: Output) throws(Failure) {
        let tunnelID = try tunnelID(tunnel)
        let id = try peerID(peer, in: tunnelID)
        var body = Body()
        body.add("enabled", JSON.bool(enabled))
        let response = try send(Request(.patch, ["vpn", "wg", tunnelID, "peers", id], body: body.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        try output.write(enabled ? "Peer enabled\n" : "Peer disabled\n")
        output.warn(document)
    }

    /// A peer's configuration file, in memory that is wiped.
    func configuration(of peer: String, in tunnel: String, split: Bool = false) throws(Failure) -> Bytes {
        try send(
            Request(
                .get, ["vpn", "wg", tunnel, "peers", peer, "config"],
                query: [(name: "split_tunnel", value: split ? "true" : "false")], accept: "text/plain")
        ).body
    }

    /// The configuration of a peer whose keys were just made: from the answer, if that is the only place, else fetched.
    ///
    /// - Parameter done: what the answer was to; it stays done where fetching fails, so then it is said.
    func configuration(
        of peer: JSON, in tunnel: String, after done: String, _ terminal: Output
    ) throws(Failure) -> Bytes {
        guard case .string(let text)? = peer["config"] else {
            let id = peer["id"]?.text ?? ""
            do throws(Failure) {
                return try configuration(of: id, in: tunnel)
            } catch {
                terminal.note(
                    "\(done) Fetch its configuration later: aifw vpn wg-config --tunnel \(tunnel) \(id) -o peer.conf")
                throw error
            }
        }
        let bytes = Bytes(capacity: text.count)
        text.withUTF8 { bytes.append($0) }
        return bytes
    }
}
