import Wire

/// What each request does: opens the secrets it carries, asks the policy, calls the kernel, frames the answer.
struct Dispatch<Host: HostKernel> {
    let vault: Vault
    var kernel: Host
    private let policy = Policy()

    init(vault: Vault, kernel: Host) {
        self.vault = vault
        self.kernel = kernel
    }

    /// Does what is asked.
    ///
    /// - Parameter send: takes each frame of the answer; only ``ReadTunnel`` has more than one.
    mutating func answer(_ request: Request, send: (Bytes) -> Void) throws(Refusal) {
        switch request {
        case .greet:
            let answer = Greet.Answer(
                release: Options.release, wireguard: kernel.backend, key: vault.currentKey)
            send(try Reply<Greet>.answer(answer).frame())
        case .seal(let seal):
            send(try Reply<Seal>.answer(try vault.seal(seal)).frame())
        case .reseal(let reseal):
            send(try Reply<Reseal>.answer(try vault.reseal(reseal)).frame())
        case .reveal(let reveal):
            send(try Reply<Reveal>.answer(try vault.reveal(reveal)).frame())
        case .applyTunnel(let apply):
            try policy.check(apply)
            let key = try privateKey(of: apply)
            send(try Reply<ApplyTunnel>.answer(try kernel.applyTunnel(apply, privateKey: key)).frame())
        case .applyPeers(let apply):
            try policy.check(apply)
            let keys = try presharedKeys(of: apply)
            send(try Reply<ApplyPeers>.answer(try kernel.applyPeers(apply, presharedKeys: keys)).frame())
        case .removeTunnel(let remove):
            send(try Reply<RemoveTunnel>.answer(try kernel.removeTunnel(remove)).frame())
        case .readTunnel(let read):
            let vault = vault
            try kernel.readTunnel(read, fingerprint: vault.fingerprint) { (page) throws(Refusal) in
                send(try Reply<ReadTunnel>.answer(page).frame())
            }
        case .inventory:
            send(try Reply<Inventory>.answer(try kernel.inventory()).frame())
        }
    }

    private func privateKey(of request: ApplyTunnel) throws(Refusal) -> SecretKey? {
        guard let sealed = request.privateKey else { return nil }
        let binding = SealBinding(secretClass: .device, purpose: .wireguardPrivateKey, object: request.tunnel)
        return try vault.open(sealed, bound: binding, field: "private_key")
    }

    private func presharedKeys(of request: ApplyPeers) throws(Refusal) -> [PublicKey: SecretKey] {
        var keys: [PublicKey: SecretKey] = [:]
        for (index, peer) in request.set.enumerated() {
            guard case .some(.some(let reference)) = peer.presharedKey else { continue }
            let binding = SealBinding(
                secretClass: .client, purpose: .wireguardPresharedKey, object: reference.object)
            keys[peer.publicKey] = try vault.open(
                reference.secret, bound: binding, field: "set[\(index)].preshared_key.secret")
        }
        return keys
    }
}
