import Wire

/// What is stored of each object that a backup brings: what is kept of the one that there is already, too.
extension PreparedConfiguration.Tunnel {
    /// What is stored: a key that is there already stays as it is sealed.
    func settled(over former: TunnelRecord?) throws -> TunnelRecord {
        var tunnel = record
        let isThere = former?.publicKey == tunnel.publicKey
        switch key {
        case .kept(let secret): tunnel.privateKey = secret
        case .own:
            guard isThere else { throw RestoreDifference.Overtaken() }
        case .made(let secret, let publicKey):
            if !isThere { (tunnel.privateKey, tunnel.publicKey) = (secret, publicKey) }
        }
        guard let former else { return tunnel }
        if isThere { tunnel.privateKey = former.privateKey }
        return tunnel.stamped(tunnel.stamp.over(former.stamp), peerCount: former.peerCount)
    }
}

extension PeerRecord {
    func settled(over former: PeerRecord?) -> PeerRecord {
        guard let former else { return self }
        var peer = self
        if peer.publicKey == former.publicKey, peer.privateKey != nil {
            peer.privateKey = former.privateKey ?? peer.privateKey
        }
        peer.presharedKey = peer.presharedKey.map { $0.settled(over: former.presharedKey) }
        return peer.stamped(stamp.over(former.stamp))
    }
}

extension AssociationRecord {
    func settled(over former: AssociationRecord?) -> AssociationRecord {
        guard let former else { return self }
        var association = self
        for slot in AssociationKeySlot.allCases {
            association.keys[slot] = association.keys[slot].map { $0.settled(over: former.keys[slot]) }
        }
        return association.stamped(stamp.over(former.stamp))
    }
}

extension PreparedConfiguration.User {
    /// A code that was taken once is not taken again, whatever the backup says of it.
    func settled(over former: UserRecord?, _ hasSeed: (UserRecord, Secret) -> Bool) -> UserRecord {
        guard let former else { return record }
        var user = record
        if let seed, let own = former.oneTimePassword, let restored = user.oneTimePassword, hasSeed(former, seed) {
            user.oneTimePassword = OneTimePasswordRecord(
                sealedSeed: own.sealedSeed, isConfirmed: restored.isConfirmed,
                lastStep: max(own.lastStep, restored.lastStep))
        }
        return user.stamped(record.stamp.over(former.stamp), lastLoginAt: former.lastLoginAt)
    }
}

extension PreparedConfiguration.Webhook {
    /// It goes on where its deliveries are. What had failed begins anew, as with any change of a webhook.
    func settled(
        over former: WebhookRecord?, _ hasSecret: (WebhookRecord, WebhookSecret) -> Bool
    ) -> WebhookRecord {
        guard let former else { return record }
        var webhook = record
        if hasSecret(former, secret) { webhook.sealedSecret = former.sealedSecret }
        webhook = webhook.stamped(record.stamp.over(former.stamp), former.progress)
        return webhook == former ? former : webhook.stamped(webhook.stamp, former.progress.renewed)
    }
}

extension SealedSymmetricKey {
    /// The same key as it is sealed already, if it is the same.
    fileprivate func settled(over former: SealedSymmetricKey?) -> SealedSymmetricKey {
        former.flatMap { $0.fingerprint == fingerprint ? $0 : nil } ?? self
    }
}

extension ObjectStamp {
    /// Its times, with the revision that there is.
    fileprivate func over(_ former: ObjectStamp) -> ObjectStamp {
        ObjectStamp(createdAt: createdAt, updatedAt: updatedAt, revision: former.revision)
    }
}
