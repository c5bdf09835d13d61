import FilterRules
import Foundation
import Synchronization
import Wire

@testable import aifw_apid

/// A helper without a kernel, for tests of who asks it what: it answers on a real Unix socket by the real protocol and
/// remembers interfaces and peers as a kernel would.
final class HelperStandIn: Sendable {
    /// What it has been told, and how it is to behave.
    struct State {
        var tunnels: [ObjectID: ActualTunnel] = [:]
        var interfaces: [ObjectID: TunnelInterface] = [:]
        /// Security associations and policies, as a kernel would have them, in the order in which they came.
        var associations: [SecurityAssociationState] = []
        var policies: [SecurityPolicy] = []
        /// The rules of the anchor, and whether it is whole.
        var rules: Set<PassRule> = []
        var isAnchorWhole = true
        /// Every request but greetings, in their order.
        var asked: [Request] = []
        /// Interfaces named like ours that somebody else has.
        var foreign: [TunnelInterface] = []
        /// What the host has besides tunnels; routes that overlap it are refused.
        var addresses: [InterfaceAddress] = []
        /// Requests of these kinds are refused so.
        var refusals: [Request.Kind: Refusal] = [:]
        /// How many requests to apply peers it does before it refuses the next, once; nil for all.
        var applyPeersLeft: Int?
        /// The secrets that may be revealed still; nil for all.
        var revealsLeft: Int?
        /// The master keys by their ids, the current one first: what is under another does not open.
        var keys = [SealingKeyID.sample]
        /// The connection is cut instead of an answer to the next request of this kind, after it was done.
        var cutsAfter: Request.Kind?
        /// The answer to the next request of such a kind is held up until the gate is opened.
        var gates: [Request.Kind: Gate] = [:]
        /// How many requests to reseal it answers before it cuts the connection at each; nil for all.
        var resealsLeft: Int?
    }

    let path: String
    let state = Mutex(State())
    private let descriptors = Mutex<Set<Int32>>([])
    private let listener = Mutex<Int32>(-1)

    init(path: String) { self.path = path }

    deinit { stop() }

    /// Starts to listen; what it remembers is kept, as a kernel keeps it.
    func start() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        unlink(path)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 8) == 0 else { throw POSIXError(.EIO) }
        listener.withLock { $0 = descriptor }
        Foundation.Thread.detachNewThread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                descriptors.withLock { _ = $0.insert(connection) }
                Foundation.Thread.detachNewThread { [self] in serve(connection) }
            }
        }
    }

    /// Ends all connections and stops to listen, as a killed helper does.
    func stop() {
        listener.withLock { descriptor in
            if descriptor >= 0 {
                shutdown(descriptor, Int32(SHUT_RDWR))
                close(descriptor)
            }
            descriptor = -1
        }
        descriptors.withLock { all in
            for descriptor in all { shutdown(descriptor, Int32(SHUT_RDWR)) }
            all = []
        }
        unlink(path)
    }

    var kinds: [Request.Kind] { state.withLock { $0.asked.map(\.kind) } }

    func forgetRequests() { state.withLock { $0.asked = [] } }

    /// Has the interface of a tunnel have its public key: the stand-in has no private key and so no public one, and what it
    /// lacks would differ at every comparison.
    func give(_ tunnel: TunnelRecord) {
        state.withLock { state in
            guard let found = state.tunnels[tunnel.id] else { return }
            state.tunnels[tunnel.id] = ActualTunnel(
                state: TunnelState(
                    index: 7, isUp: true, mtu: found.state.mtu, addresses: found.state.addresses,
                    publicKey: tunnel.publicKey, listenPort: found.state.listenPort, mark: found.state.mark),
                routes: found.routes, peers: found.peers)
        }
    }

    // MARK: Answers

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let header = read(4, connection), let length = try? header.withUnsafeBytes({ try Frame.length(of: $0) }),
            let body = read(length, connection), let request = try? Request(frame: body)
        {
            let (frame, isCut, gate) = state.withLock { state -> (Bytes?, Bool, Gate?) in
                let frame = try? Self.answer(request, &state)
                let isCut = state.cutsAfter == request.kind || (request.kind == .reseal && state.resealsLeft == 0)
                if state.cutsAfter == request.kind { state.cutsAfter = nil }
                if request.kind == .reseal { state.resealsLeft = state.resealsLeft.map { max($0 - 1, 0) } }
                return (frame, isCut, state.gates.removeValue(forKey: request.kind))
            }
            gate?.wait()
            guard !isCut, let frame else { break }
            let sent = frame.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent == frame.count else { break }
        }
        shutdown(connection, Int32(SHUT_RDWR))
        descriptors.withLock { _ = $0.remove(connection) }
    }

    private func read(_ count: Int, _ connection: Int32) -> Bytes? {
        let bytes = Bytes(capacity: count)
        while bytes.count < count {
            var ended = false
            bytes.append(upTo: count - bytes.count) { room in
                let got = recv(connection, room.baseAddress, room.count, 0)
                ended = got <= 0
                return max(got, 0)
            }
            if ended { return nil }
        }
        return bytes
    }

    private static func answer(_ request: Request, _ state: inout State) throws -> Bytes {
        if request.kind != .greet { state.asked.append(request) }
        if let refusal = state.refusals[request.kind] { return try refusal.frame() }
        switch request {
        case .greet:
            return try Reply<Greet>.answer(
                .init(release: "test", wireguard: .userspace, filter: .nftables, key: state.keys[0])
            ).frame()
        case .seal(let verb):
            let sealed = verb.secrets.map { item in
                Seal.Answer.Item(
                    .sample(under: state.keys[0]),
                    publicKey: item.purpose == .wireguardPrivateKey ? item.publicKey : nil,
                    fingerprint: nil)
            }
            let items = zip(verb.secrets, sealed).map { item, answer in
                Seal.Answer.Item(
                    answer.secret, publicKey: answer.publicKey,
                    fingerprint: item.purpose.hasFingerprint
                        ? answer.secret.fingerprint(under: state.keys[0]) : nil)
            }
            return try Reply<Seal>.answer(.init(items)).frame()
        case .reseal(let verb):
            return try reseal(verb, state)
        case .reveal(let verb):
            if let left = state.revealsLeft {
                guard verb.secrets.count <= left else {
                    return try Refusal(.rate, "come back later", field: "secrets", retryAfter: 3).frame()
                }
                state.revealsLeft = left - verb.secrets.count
            }
            let secrets = verb.secrets.map { item in
                Secret(Bytes(Array(repeating: 5, count: item.purpose.lengths.max() ?? SecretKey.length)))!
            }
            return try Reply<Reveal>.answer(.init(secrets)).frame()
        case .applyTunnel(let verb):
            guard let applied = apply(verb, to: state.tunnels[verb.tunnel]) else {
                return try Refusal(.notFound, "does not exist").frame()
            }
            state.tunnels[verb.tunnel] = applied
            state.interfaces[verb.tunnel] = verb.interface
            return try Reply<ApplyTunnel>.answer(.init(index: 7)).frame()
        case .applyPeers(let verb):
            if let left = state.applyPeersLeft {
                state.applyPeersLeft = left > 0 ? left - 1 : nil
                if left == 0 { return try Refusal(.kernel, "no buffer space available", errno: ENOBUFS).frame() }
            }
            guard let tunnel = state.tunnels[verb.tunnel] else { return try Refusal(.notFound, "is gone").frame() }
            let host = HostPrefixes(state.addresses.map(\.network))
            for route in verb.addRoutes {
                guard let words = NetworkPolicy.standard.objection(to: route, as: .routes, beside: host) else {
                    continue
                }
                return try Refusal(.policy, words, field: "add_routes[0]").frame()
            }
            state.tunnels[verb.tunnel] = apply(verb, to: tunnel, under: state.keys[0])
            return try Reply<ApplyPeers>.answer(.init()).frame()
        case .removeTunnel(let verb):
            state.tunnels[verb.tunnel] = nil
            state.interfaces[verb.tunnel] = nil
            return try Reply<RemoveTunnel>.answer(.init()).frame()
        case .readTunnel(let verb):
            let tunnel = state.tunnels[verb.tunnel]
            let routes = tunnel?.routes ?? []
            // A page for each route, as if one were full with it.
            let pages = Bytes()
            for (index, route) in routes.enumerated() {
                let link = index == 0 ? tunnel?.state : nil
                let page = ReadTunnel.Answer(link: link, routes: [route], peers: [], more: true)
                try Reply<ReadTunnel>.answer(page).frame().withUnsafeBytes { pages.append($0) }
            }
            let peers = (tunnel?.peers ?? []).map { $0.seen(under: state.keys[0]) }
            let last = ReadTunnel.Answer(link: routes.isEmpty ? tunnel?.state : nil, peers: peers, more: false)
            try Reply<ReadTunnel>.answer(last).frame().withUnsafeBytes { pages.append($0) }
            return pages
        case .inventory(let verb):
            let tunnels = state.interfaces.map { Inventory.Owned(tunnel: $0.key, interface: $0.value, isUp: true) }
                .filter { verb.scope == .all || verb.scope == .interface($0.interface) }
            let foreign = state.foreign.filter { verb.scope == .all || verb.scope == .interface($0) }
            let addresses = state.addresses.filter { address in
                guard case .networks(let networks) = verb.scope else { return verb.scope == .all }
                return networks.contains { $0.overlaps(address.network) }
            }
            return try Reply<Inventory>.answer(
                .init(
                    tunnels: tunnels, foreign: foreign, addresses: addresses, farEnds: [], defaultSources: [],
                    policy: .standard)
            ).frame()
        case .applyRules(let verb):
            if verb.reset { (state.rules, state.isAnchorWhole) = ([], true) }
            guard state.isAnchorWhole else { return try Refusal(.filter, "there is no such chain").frame() }
            let kept = Set(verb.add.flatMap { $0.parts(with: .nftables) })
            let gone = Set(verb.remove.flatMap { $0.parts(with: .nftables) }).subtracting(kept)
            state.rules = state.rules.filter { gone.isDisjoint(with: $0.parts(with: .nftables)) }.union(verb.add)
            return try Reply<ApplyRules>.answer(.init()).frame()
        case .readRules:
            let parts = Set(state.rules.flatMap { $0.parts(with: .nftables) }).sorted()
            return try Reply<ReadRules>.answer(.init(isWhole: state.isAnchorWhole, parts: parts, more: false)).frame()
        case .applyAssociations(let verb):
            return try apply(verb, &state)
        case .readAssociations(let verb):
            let wanted = verb.only.map { only in
                Set(only.associations.map { [$0.destination.description, "\($0.spi)", $0.securityProtocol.rawValue] })
            }
            let found = state.associations.filter { association in
                wanted?.contains(
                    [association.destination.description, "\(association.spi)", association.securityProtocol.rawValue])
                    ?? (association.number != nil)
            }
            let policies = state.policies.filter { policy in
                verb.only.map { only in
                    only.policies.contains {
                        $0.direction == policy.key.direction && $0.source == policy.key.source
                            && $0.destination == policy.key.destination
                    }
                } ?? true
            }
            return try Reply<ReadAssociations>.answer(
                .init(
                    associations: found.map { $0.seen(under: state.keys[0]) },
                    policies: policies.map { SecurityPolicyState(key: $0.key, asMade: $0) },
                    more: false)
            ).frame()
        }
    }

    /// As the helper does: what somebody else has is refused, and nothing of the request's own stays then.
    private static func apply(_ verb: ApplyAssociations, _ state: inout State) throws -> Bytes {
        state.policies.removeAll { policy in verb.removePolicies.contains(policy.key) }
        state.associations.removeAll { association in
            association.key.map(verb.remove.contains) ?? false
        }
        let before = state
        for (index, addition) in verb.add.enumerated() {
            let new = addition.association
            let key = new.key
            guard
                !state.associations.contains(where: {
                    $0.destination == key.destination && $0.spi == key.spi
                        && $0.securityProtocol == key.securityProtocol
                })
            else {
                state = before
                return try Refusal(.notOurs, "is in use", field: "add[\(index)].spi", errno: EEXIST).frame()
            }
            state.associations.append(.init(installed: new, under: state.keys[0]))
        }
        for (index, policy) in verb.addPolicies.enumerated() {
            let isTaken = state.policies.contains {
                $0.key.direction == policy.key.direction && $0.key.source == policy.key.source
                    && $0.key.destination == policy.key.destination
            }
            guard !isTaken else {
                state = before
                return try Refusal(.notOurs, "is in use", field: "add_policies[\(index)]", errno: EEXIST).frame()
            }
            state.policies.append(policy)
        }
        return try Reply<ApplyAssociations>.answer(.init()).frame()
    }

    /// As the helper does: all of them, or a refusal that names the first that doesn't open.
    private static func reseal(_ verb: Reseal, _ state: State) throws -> Bytes {
        let closed = verb.secrets.firstIndex { item in !state.keys.contains { $0 == item.secret.keyID } }
        if let closed { return try Refusal(.unsealable, "does not open", field: "secrets[\(closed)].secret").frame() }
        let sealed = verb.secrets.map { item in
            return Reseal.Answer.Item(
                item.secret.resealed(under: state.keys[0]),
                fingerprint: item.purpose.hasFingerprint ? item.secret.fingerprint(under: state.keys[0]) : nil)
        }
        return try Reply<Reseal>.answer(.init(sealed)).frame()
    }

    /// Nil where the interface is missing and not all is said to make it.
    private static func apply(_ verb: ApplyTunnel, to tunnel: ActualTunnel?) -> ActualTunnel? {
        guard tunnel != nil || (verb.privateKey != nil && verb.listenPort != nil && verb.addresses != nil) else {
            return nil
        }
        let before = tunnel?.state
        return ActualTunnel(
            state: TunnelState(
                index: 7, isUp: true, mtu: verb.mtu.map { UInt64($0.rawValue) } ?? before?.mtu ?? 1420,
                addresses: verb.addresses ?? before?.addresses ?? [],
                publicKey: before?.publicKey, listenPort: verb.listenPort ?? before?.listenPort,
                mark: verb.mark ?? before?.mark ?? FirewallMark(validated: 0)),
            routes: tunnel?.routes ?? [], peers: tunnel?.peers ?? [])
    }

    private static func apply(
        _ verb: ApplyPeers, to tunnel: ActualTunnel, under key: SealingKeyID
    ) -> ActualTunnel {
        var peers = tunnel.peers.filter { !verb.remove.contains($0.publicKey) }
        for change in verb.set {
            let before = peers.first { $0.publicKey == change.publicKey }
            peers.removeAll { $0.publicKey == change.publicKey }
            let presharedKey =
                if let new = change.presharedKey { new?.secret.fingerprint(under: key) } else { before?.presharedKey }
            peers.append(
                PeerState(
                    publicKey: change.publicKey, presharedKey: presharedKey,
                    endpoint: change.endpoint ?? before?.endpoint,
                    allowedIPs: change.allowedIPs ?? before?.allowedIPs ?? [],
                    keepalive: change.keepalive ?? before?.keepalive ?? Keepalive(validated: 0), latestHandshake: 0,
                    received: 0, sent: 0))
        }
        let kept = tunnel.routes.filter { !verb.removeRoutes.contains($0) && !verb.addRoutes.contains($0) }
        return ActualTunnel(state: tunnel.state, routes: kept + verb.addRoutes, peers: peers)
    }
}

extension SealedSecret {
    /// The same secret under another key: in the stand-in's seal nothing but the key's id changes.
    func resealed(under key: SealingKeyID) -> SealedSecret {
        SealedSecret(bytes: [1] + key.bytes + bytes.dropFirst(9)) ?? self
    }

    /// What the stand-in knows it by: its end and the key's id.
    func fingerprint(under key: SealingKeyID) -> SecretFingerprint? {
        SecretFingerprint(bytes: key.bytes + bytes.suffix(8))
    }
}

extension SecurityAssociationState {
    /// One that has just been installed and has carried nothing.
    init(installed association: SecurityAssociation<SealedSecret>, under key: SealingKeyID) {
        func shown(_ secret: SealedSecret) -> SecretFingerprint {
            secret.fingerprint(under: key) ?? SecretFingerprint(bytes: [UInt8](repeating: 0, count: 16))!
        }
        let transform: Transform<SecretFingerprint> =
            switch association.transform {
            case .aead(let cipher, let key): .aead(cipher, shown(key))
            case .cipher(let cipher, let key, let hash, let hashKey): .cipher(cipher, shown(key), hash, shown(hashKey))
            case .authentication(let hash, let key): .authentication(hash, shown(key))
            }
        self.init(
            number: association.number, source: association.source, destination: association.destination,
            spi: association.spi, securityProtocol: transform.securityProtocol,
            asMade: SecurityAssociation(
                number: association.number, source: association.source, destination: association.destination,
                spi: association.spi, mode: association.mode, transform: transform,
                replayWindow: association.replayWindow),
            bytes: 0, packets: 0, addedAt: 1_764_000_000, usedAt: 0, outsideWindow: 0, repeated: 0, unauthentic: 0)
    }
}

extension SecurityAssociationState {
    /// With the fingerprints of its keys under another key.
    fileprivate func seen(under key: SealingKeyID) -> SecurityAssociationState {
        func shown(_ fingerprint: SecretFingerprint) -> SecretFingerprint {
            SecretFingerprint(bytes: key.bytes + fingerprint.bytes.suffix(8)) ?? fingerprint
        }
        let asMade = asMade.map { made in
            let transform: Transform<SecretFingerprint> =
                switch made.transform {
                case .aead(let cipher, let key): .aead(cipher, shown(key))
                case .cipher(let cipher, let key, let hash, let hashKey):
                    .cipher(cipher, shown(key), hash, shown(hashKey))
                case .authentication(let hash, let key): .authentication(hash, shown(key))
                }
            return SecurityAssociation(
                number: made.number, source: made.source, destination: made.destination, spi: made.spi,
                mode: made.mode, transform: transform, replayWindow: made.replayWindow)
        }
        return SecurityAssociationState(
            number: number, source: source, destination: destination, spi: spi, securityProtocol: securityProtocol,
            asMade: asMade, bytes: bytes, packets: packets, addedAt: addedAt, usedAt: usedAt,
            outsideWindow: outsideWindow, repeated: repeated, unauthentic: unauthentic)
    }
}

extension PeerState {
    /// With the fingerprint of its pre-shared key under another key.
    fileprivate func seen(under key: SealingKeyID) -> PeerState {
        PeerState(
            publicKey: publicKey,
            presharedKey: presharedKey.flatMap { SecretFingerprint(bytes: key.bytes + $0.bytes.suffix(8)) },
            endpoint: endpoint, allowedIPs: allowedIPs, keepalive: keepalive, latestHandshake: latestHandshake,
            received: received, sent: sent)
    }
}

extension Seal.Item {
    /// That of the key that is given, or of one that was made.
    fileprivate var publicKey: PublicKey {
        guard case .given(let secret) = origin, let key = SecretKey(secret) else { return .random() }
        return PublicKey(of: key) ?? .random()
    }
}
