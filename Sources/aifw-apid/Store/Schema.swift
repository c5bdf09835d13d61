import GRDB

/// The tables. A migration that was ever shipped is not changed again; a new one is added behind it.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 tunnels, peers, revisions and tokens") { try $0.execute(sql: first) }
        migrator.registerMigration("2 associations") { try $0.execute(sql: Self.associations) }
        migrator.registerMigration("3 users, sessions and the set-up code") { try $0.execute(sql: users) }
        migrator.registerMigration("4 idempotency keys") { try $0.execute(sql: Self.idempotencyKeys) }
        migrator.registerMigration("5 traffic") { try $0.execute(sql: Self.traffic) }
        migrator.registerMigration("6 webhooks") { try $0.execute(sql: Self.webhooks) }
        return migrator
    }

    /// Times are milliseconds since 1970, ids and keys their bytes, everything else the text or number of the API.
    ///
    /// `name_key` is the name in Unicode's NFC, so that names which look and mean the same can't both be there.
    /// `allowed_ip` and `tunnel_network` are indexes over what `peer.allowed_ips` and `tunnel.address` say: addresses are
    /// 16 bytes, most significant first, for both families, so that SQLite compares them as numbers.
    private static let first = """
        CREATE TABLE revision (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            actor_kind TEXT NOT NULL,
            actor_name TEXT NOT NULL,
            origin TEXT NOT NULL,
            action TEXT NOT NULL,
            object_type TEXT,
            object_id BLOB,
            object_name TEXT,
            changes TEXT
        ) STRICT;

        CREATE TABLE tunnel (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            interface INTEGER NOT NULL UNIQUE,
            public_key BLOB NOT NULL UNIQUE,
            private_key BLOB NOT NULL,
            listen_port INTEGER NOT NULL UNIQUE,
            address TEXT NOT NULL,
            dns TEXT,
            mtu INTEGER NOT NULL,
            listen_interface TEXT,
            split_routes TEXT,
            endpoint TEXT,
            fwmark INTEGER NOT NULL,
            masquerade INTEGER NOT NULL,
            routes INTEGER NOT NULL,
            allow_overlap INTEGER NOT NULL,
            enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            peer_count INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX tunnel_created_at ON tunnel (created_at, id);

        CREATE TABLE tunnel_network (
            family INTEGER NOT NULL,
            first BLOB NOT NULL,
            last BLOB NOT NULL,
            tunnel_id BLOB NOT NULL REFERENCES tunnel (id) ON DELETE CASCADE,
            length INTEGER NOT NULL,
            PRIMARY KEY (family, first, last, tunnel_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tunnel_network_tunnel ON tunnel_network (tunnel_id);

        CREATE TABLE peer (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            tunnel_id BLOB NOT NULL REFERENCES tunnel (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL,
            public_key BLOB NOT NULL,
            private_key BLOB,
            key_generated INTEGER NOT NULL,
            preshared_key BLOB,
            preshared_fingerprint BLOB,
            endpoint TEXT,
            allowed_ips TEXT NOT NULL,
            client_routes TEXT,
            keepalive INTEGER NOT NULL,
            enabled INTEGER NOT NULL,
            expires_at INTEGER,
            allow_overlap INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            CHECK ((preshared_key IS NULL) = (preshared_fingerprint IS NULL)),
            UNIQUE (tunnel_id, name_key),
            UNIQUE (tunnel_id, public_key)
        ) STRICT;
        CREATE INDEX peer_created_at ON peer (tunnel_id, created_at, id);
        CREATE INDEX peer_expires_at ON peer (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE allowed_ip (
            tunnel_id BLOB NOT NULL,
            family INTEGER NOT NULL,
            first BLOB NOT NULL,
            last BLOB NOT NULL,
            peer_id BLOB NOT NULL REFERENCES peer (id) ON DELETE CASCADE,
            length INTEGER NOT NULL,
            PRIMARY KEY (tunnel_id, family, first, last, peer_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX allowed_ip_peer ON allowed_ip (peer_id);

        CREATE TABLE token (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            scopes INTEGER NOT NULL,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER
        ) STRICT;
        """

    /// `association_selector` is an index over what `association.local_networks` and `remote_networks` say, each pair once on
    /// this host. `association_free_number` has the numbers below the highest ever given that are free again, so that the
    /// lowest free one is found without a walk over those in use.
    private static let associations = """
        CREATE TABLE association (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            number INTEGER NOT NULL UNIQUE,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            local TEXT NOT NULL,
            remote TEXT NOT NULL,
            protocol TEXT NOT NULL,
            mode TEXT NOT NULL,
            encryption TEXT NOT NULL,
            authentication TEXT NOT NULL,
            local_networks TEXT,
            remote_networks TEXT,
            spi_in INTEGER NOT NULL UNIQUE,
            spi_out INTEGER NOT NULL,
            encryption_key_in BLOB,
            encryption_fingerprint_in BLOB,
            encryption_key_out BLOB,
            encryption_fingerprint_out BLOB,
            authentication_key_in BLOB,
            authentication_fingerprint_in BLOB,
            authentication_key_out BLOB,
            authentication_fingerprint_out BLOB,
            replay_window INTEGER NOT NULL,
            enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            CHECK ((encryption_key_in IS NULL) = (encryption_fingerprint_in IS NULL)),
            CHECK ((encryption_key_out IS NULL) = (encryption_fingerprint_out IS NULL)),
            CHECK ((authentication_key_in IS NULL) = (authentication_fingerprint_in IS NULL)),
            CHECK ((authentication_key_out IS NULL) = (authentication_fingerprint_out IS NULL)),
            UNIQUE (remote, spi_out)
        ) STRICT;
        CREATE INDEX association_created_at ON association (created_at, id);
        CREATE INDEX association_gateways ON association (local, remote, protocol) WHERE enabled = 1;

        CREATE TABLE association_selector (
            local TEXT NOT NULL,
            remote TEXT NOT NULL,
            association_id BLOB NOT NULL REFERENCES association (id) ON DELETE CASCADE,
            PRIMARY KEY (local, remote)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX association_selector_association ON association_selector (association_id);

        CREATE TABLE association_free_number (number INTEGER PRIMARY KEY) STRICT;
        """

    /// `name_key` is the name in lower case. `totp_step` is the last 30 s whose one-time password was taken. There is one set-up
    /// code at most. `revision_object` is for who asks the log about one object.
    private static let users = """
        CREATE TABLE user (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL,
            scopes INTEGER NOT NULL,
            totp_seed BLOB,
            totp_confirmed INTEGER NOT NULL,
            totp_step INTEGER NOT NULL,
            last_login_at INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            revision INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX user_created_at ON user (created_at, id);

        CREATE TABLE session (
            hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
            user_id BLOB NOT NULL REFERENCES user (id) ON DELETE CASCADE,
            created_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX session_user ON session (user_id, created_at);

        CREATE TABLE setup_code (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            expires_at INTEGER NOT NULL,
            tries_left INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX revision_object ON revision (object_id, number) WHERE object_id IS NOT NULL;
        """

    /// Requests by their idempotency keys, for a day: `id` and `fingerprint` are hashes (``IdempotentRequest``), `revision` is
    /// the first line of the log that the request wrote, `size` the length of `body`.
    private static let idempotencyKeys = """
        CREATE TABLE idempotency_key (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
            caller TEXT NOT NULL,
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            created_at INTEGER NOT NULL,
            revision INTEGER,
            outcome TEXT NOT NULL,
            status INTEGER,
            content_type TEXT,
            location TEXT,
            etag TEXT,
            body BLOB,
            size INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX idempotency_key_caller ON idempotency_key (caller, created_at, size);
        CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
        """

    /// `peer_traffic` has the totals with the counters that they are right for; `interface` is the kernel's index of where those
    /// were read. `step` is the seconds of a slot, its `number` how many came before it since 1970; `peers` is packed
    /// (``PeerAmounts``). `boot` names the boot that interfaces are of.
    ///
    /// What a deleted tunnel has carried goes with it (``WriteTransaction/deleteTraffic(of:)``), what a deleted peer has with the
    /// next write.
    private static let traffic = """
        CREATE TABLE tunnel_traffic (
            tunnel_id BLOB NOT NULL PRIMARY KEY CHECK (length(tunnel_id) = 16),
            received INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            next_number INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE peer_traffic (
            peer_id BLOB NOT NULL PRIMARY KEY CHECK (length(peer_id) = 16),
            number INTEGER NOT NULL,
            received INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            counted_received INTEGER NOT NULL,
            counted_sent INTEGER NOT NULL,
            interface INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE traffic_slot (
            tunnel_id BLOB NOT NULL CHECK (length(tunnel_id) = 16),
            step INTEGER NOT NULL,
            number INTEGER NOT NULL,
            received INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            peers BLOB NOT NULL,
            UNIQUE (tunnel_id, step, number)
        ) STRICT;
        CREATE INDEX traffic_slot_number ON traffic_slot (step, number);

        CREATE TABLE observed_slot (
            step INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (step, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE traffic_write (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL,
            boot TEXT NOT NULL
        ) STRICT;
        """

    /// `secret` is sealed (``SeedVault``). What is from `cursor` on says how far its deliveries have come (``WebhookProgress``),
    /// and is no part of what the revision counts.
    private static let webhooks = """
        CREATE TABLE webhook (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            objects TEXT,
            enabled INTEGER NOT NULL,
            secret BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            cursor INTEGER NOT NULL,
            status TEXT NOT NULL,
            failures INTEGER NOT NULL,
            failing_since INTEGER,
            next_attempt_at INTEGER,
            last_error TEXT,
            last_delivery_at INTEGER
        ) STRICT;
        CREATE INDEX webhook_created_at ON webhook (created_at, id);
        """
}
