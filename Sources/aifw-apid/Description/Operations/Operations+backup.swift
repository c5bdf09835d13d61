import HTTPTypes
import Wire

extension Operations {
    private static let passphrase = Parameter.header(
        "Backup-Passphrase", .text.pattern("^[ -~]{12,1024}$"),
        "What the backup is locked with: 12 to 1024 printable characters of ASCII. Without it the answer is 422.",
        example: "a long sentence that nobody guesses")
    private static let passphraseProblems: [ProblemCode] = [.passphraseNeeded, .passphraseUnfit, .tooManyRequests]

    static let backup: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/backup", id: "getBackup", topic: .backup,
            summary: "Everything that is configured, in one file",
            details: """
                Tunnels, peers, associations, tokens (their hashes), users and webhooks as they are at one moment, with their \
                keys, encrypted under a passphrase; the format is in docs/BACKUP.md. A tunnel's private key is in it only for this \
                machine, and for whoever has the recovery code. Not in it: sessions, the log, traffic.

                The helper opens 10,000 keys at once and 50 a second after that, so a large backup comes slowly. One that ends \
                too soon is no backup: the file's last part says that it is the last.
                """,
            parameters: [passphrase],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "The file.",
                    forms: [.init(type: Backups.type, schema: .any, examples: [])],
                    headers: [.disposition, .notStored], optionalHeaders: [.backupWarnings])
            ], problems: [.secretUnreadable, .conflict, .busy] + passphraseProblems + ProblemCode.ofHelper),
        Operation(
            method: .post, path: "/api/v1/restore", id: "restore", topic: .backup,
            summary: "Become what a backup holds",
            details: """
                All of it or nothing: what there is and the backup does not have is deleted, what differs is changed, and what \
                is the same is left alone, its version and the traffic of its tunnel too. With `dry_run` nothing is changed, \
                and the answer says what would be.

                Tunnels' private keys open on the machine that they come from; on another one root first types the recovery \
                code in (`aifw-privd --recovery-import`). Where they can't be had, `new_tunnel_keys` gives those tunnels new ones.
                """,
            parameters: [
                passphrase,
                .query("dry_run", .flag, "Change nothing, and say what would be changed."),
                .query("new_tunnel_keys", .flag, "Give new keys to tunnels whose own can't be had here."),
            ],
            body: BodyDescription(file: Backups.type),
            answers: [
                .json(
                    "It is done, or would be.", Shapes.data(.named("Restoration"), warnings: true),
                    examples: [Example("moved", "On a new machine", ["data": restoration])])
            ],
            problems: [
                .wrongPassphrase, .notABackup, .backupVersion, .backupDamaged, .recoveryNeeded, .conflict,
                .interfaceInUse, .overlap, .spiInUse,
            ] + passphraseProblems + ProblemCode.ofHelper),
    ]

    private static let restoration: JSON = [
        "dry_run": false,
        "revision": 7,
        "backup_created_at": Samples.time,
        "tunnels": ["created": 1, "updated": 0, "deleted": 0, "unchanged": 0],
        "peers": ["created": 2, "updated": 0, "deleted": 0, "unchanged": 0],
        "associations": ["created": 0, "updated": 0, "deleted": 0, "unchanged": 0],
        "tokens": ["created": 1, "updated": 0, "deleted": 1, "unchanged": 0],
        "users": ["created": 1, "updated": 0, "deleted": 0, "unchanged": 0],
        "webhooks": ["created": 1, "updated": 0, "deleted": 0, "unchanged": 0],
        "new_tunnel_keys": [],
        "restarted_tunnels": [],
    ]
}
