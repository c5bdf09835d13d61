import Wire

/// What each request does: asks the policy, opens the secrets it carries, calls the kernel, frames the answer.
struct Dispatch<Host: HostKernel> {
    let vault: Vault
    var kernel: Host
    private let policy: Policy
    private var admission: Admission
    private var budget: RevealBudget
    /// How many secrets since the start.
    private var revealed = 0

    /// - Parameter now: ``Clock/now``.
    init(vault: Vault, kernel: Host, policy: NetworkPolicy, now: Int64) {
        self.vault = vault
        self.kernel = kernel
        self.policy = Policy(networks: policy)
        admission = Admission(policy)
        budget = RevealBudget(now: now)
    }

    /// Does what is asked.
    ///
    /// - Parameters:
    ///   - now: ``Clock/now``.
    ///   - record: takes a line for the journal that must not be left out.
    ///   - send: takes each frame of the answer; only what reads a list has more than one.
    mutating func answer(
        _ request: Request, now: Int64, record: (String) -> Void, send: (Bytes) -> Void
    ) throws(Refusal) {
        switch request {
        case .greet:
            let answer = Greet.Answer(
                release: Options.release, wireguard: kernel.backend, filter: kernel.filter, key: vault.currentKey,
                recovery: vault.hasRecovery)
            send(try Reply<Greet>.answer(answer).frame())
        case .seal(let seal):
            send(try Reply<Seal>.answer(try vault.seal(seal)).frame())
        case .reseal(let reseal):
            send(try Reply<Reseal>.answer(try vault.reseal(reseal)).frame())
        case .reveal(let reveal):
            try budget.take(reveal.secrets.count, now: now)
            let answer = try vault.reveal(reveal)
            revealed += reveal.secrets.count
            if !reveal.secrets.isEmpty { record(words(of: reveal)) }
            send(try Reply<Reveal>.answer(answer).frame())
        case .applyTunnel(let apply):
            try policy.check(apply)
            try admission.admit(apply, to: kernel)
            let key = try privateKey(of: apply)
            send(try Reply<ApplyTunnel>.answer(try kernel.applyTunnel(apply, privateKey: key)).frame())
        case .applyPeers(let apply):
            try policy.check(apply)
            try admission.admit(apply, to: kernel)
            let keys = try presharedKeys(of: apply)
            send(try Reply<ApplyPeers>.answer(try kernel.applyPeers(apply, presharedKeys: keys)).frame())
        case .removeTunnel(let remove):
            send(try Reply<RemoveTunnel>.answer(try kernel.removeTunnel(remove)).frame())
        case .readTunnel(let read):
            let vault = vault
            try kernel.readTunnel(read, fingerprint: vault.fingerprint) { (page) throws(Refusal) in
                send(try Reply<ReadTunnel>.answer(page).frame())
            }
        case .inventory(let inventory):
            send(try Reply<Inventory>.answer(try kernel.inventory(inventory, policy.networks)).frame())
        case .applyRules(let apply):
            try policy.check(apply)
            send(try Reply<ApplyRules>.answer(try kernel.applyRules(apply)).frame())
        case .readRules:
            try kernel.readRules { (page) throws(Refusal) in send(try Reply<ReadRules>.answer(page).frame()) }
        case .applyAssociations(let apply):
            try policy.check(apply)
            try admission.admit(apply, to: kernel)
            let keys = try keys(of: apply)
            let answer = try kernel.applyAssociations(apply, keys: keys, fingerprint: vault.fingerprint)
            send(try Reply<ApplyAssociations>.answer(answer).frame())
        case .readAssociations(let read):
            let vault = vault
            try kernel.readAssociations(read, fingerprint: vault.fingerprint) { (page) throws(Refusal) in
                send(try Reply<ReadAssociations>.answer(page).frame())
            }
        }
    }

    /// What was revealed, for the journal: every object by its id, in at most 10,000 bytes.
    private func words(of reveal: Reveal) -> String {
        let parts = SecretPurpose.allCases.compactMap { purpose -> String? in
            let objects = reveal.secrets.filter { $0.purpose == purpose }.map(\.object.description)
            return objects.isEmpty ? nil : "\(purpose.rawValue) of \(objects.joined(separator: " "))"
        }
        let count = reveal.secrets.count
        let counts = "\(count) \(count == 1 ? "secret" : "secrets"), \(revealed) since the start"
        return "revealed \(counts): \(parts.joined(separator: "; "))"
    }

    private func privateKey(of request: ApplyTunnel) throws(Refusal) -> SecretKey? {
        guard let sealed = request.privateKey else { return nil }
        let binding = SealBinding(secretClass: .device, purpose: .wireguardPrivateKey, object: request.tunnel)
        return try vault.openKey(sealed, bound: binding, field: "private_key")
    }

    private func presharedKeys(of request: ApplyPeers) throws(Refusal) -> [PublicKey: SecretKey] {
        var keys: [PublicKey: SecretKey] = [:]
        for (index, peer) in request.set.enumerated() {
            guard case .some(.some(let reference)) = peer.presharedKey else { continue }
            let binding = SealBinding(
                secretClass: .client, purpose: .wireguardPresharedKey, object: reference.object)
            keys[peer.publicKey] = try vault.openKey(
                reference.secret, bound: binding, field: "set[\(index)].preshared_key.secret")
        }
        return keys
    }

    private func keys(of request: ApplyAssociations) throws(Refusal) -> [OpenedKeys] {
        var keys: [OpenedKeys] = []
        for (index, addition) in request.add.enumerated() {
            let field = "add[\(index)]"
            func open(_ secret: SealedSecret?, _ purpose: SecretPurpose, _ member: String) throws(Refusal) -> Secret? {
                guard let secret else { return nil }
                let binding = SealBinding(secretClass: .client, purpose: purpose, object: addition.object)
                return try vault.open(secret, bound: binding, field: "\(field).\(member)")
            }
            let isIn = addition.direction == .in
            let transform = addition.association.transform
            let opened = OpenedKeys(
                encryption: try open(
                    transform.encryptionKey, isIn ? .ipsecEncryptionKeyIn : .ipsecEncryptionKeyOut, "encryption_key"),
                authentication: try open(
                    transform.authenticationKey, isIn ? .ipsecAuthenticationKeyIn : .ipsecAuthenticationKeyOut,
                    "authentication_key"))
            guard opened.fits(transform) else {
                throw Refusal(.policy, "has keys whose length is not that of its algorithms", field: field)
            }
            keys.append(opened)
        }
        return keys
    }
}
