import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Wire

/// `/api/v1/backup`: everything that is an operator's intent in one file that a passphrase opens.
struct Backups: Sendable {
    let plane: ControlPlane
    let seeds: SeedVault
    let threads: HashingThreads

    static let type = "application/octet-stream"
    /// How long it waits before it asks the helper for more than that opens at once.
    private static let pause = Duration.seconds(1)

    /// All that can be refused is refused before the file begins: that the passphrase is one, and that every secret opens. If
    /// the helper is lost in the middle, the connection ends without the file's last part, which a restore would miss. For a
    /// client that has gone no more secrets are waited for.
    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let passphrase = try context.passphrase
        let configuration = try await plane.store.read { try $0.configuration() }
        let channel = context.channel
        let source = try await BackupSource(configuration, plane.reader, seeds, at: plane.store.now) {
            guard channel.isActive else { throw CancellationError() }
            try await Task.sleep(for: Self.pause)
        }
        try Self.refuseTooLarge(source.sizeLimit)
        let (salt, cost) = (BackupHead.newSalt(), BackupKey.Cost.standard)
        let key = try await threads.key(passphrase, salt: salt, cost: cost)
        let author = context.author
        let counts = source.summary.counts.map { JSON.Member(name: $0.plural, value: .integer(Int64($1))) }
        _ = try await plane.store.write { transaction in
            try transaction.log(.backup, of: nil, by: author, changes: .object(counts.sorted { $0.name < $1.name }))
        }
        let logger = context.logger
        let body = ResponseBody { output in
            do {
                try await Self.write(source, key, salt, cost, to: &output)
            } catch {
                logger.warning("a backup was not written to its end", metadata: ["error": .string("\(error)")])
                throw error
            }
            try await output.finish(nil)
        }
        var response = Response(status: .ok, headers: [.contentType: Self.type], body: body).notStored
        // As with events: the connection ends with the file, so that its end shows when the client has gone before.
        if !channel.isStream { response.headers[.connection] = "close" }
        HangUp.watch(channel) {}
        let date = plane.store.now.description.prefix { $0 != "T" }
        let name = "aifw-vpn-\(date).backup"
        response.headers[.contentDisposition] = ContentDisposition.attachment(name: name, fallback: name)
        if !source.summary.warnings.isEmpty {
            let warnings = source.summary.warnings.map { PercentEncoding.encode($0) }
            response.headers[.backupWarnings] = warnings.joined(separator: ",")
        }
        return response
    }

    private static func write(
        _ source: BackupSource, _ key: BackupKey, _ salt: [UInt8], _ cost: BackupKey.Cost,
        to output: inout any ResponseBodyWriter
    ) async throws {
        let writer = BackupWriter(key, salt: salt, cost: cost)
        try await output.write(writer.head.buffer)
        try await source.records { record in
            let parts = try writer.append(record)
            if !parts.isEmpty { try await output.write(parts.buffer) }
        }
        try await output.write(writer.finish().buffer)
    }

    private static func refuseTooLarge(_ size: Int) throws(Problem) {
        // Each part has a little around it: a thousandth.
        guard size + size / 1000 + 4096 <= Route.largeBodyLimit else {
            throw Problem(
                .conflict,
                "The backup would be longer than the \(Route.largeBodyLimit) bytes that a restore takes: copy the "
                    + "database's folder and the helper's instead.")
        }
    }
}

extension Bytes {
    fileprivate var buffer: ByteBuffer { withUnsafeBytes { ByteBuffer(bytes: $0) } }
}

extension HTTPField.Name {
    static let backupPassphrase = HTTPField.Name("Backup-Passphrase")!
    static let backupWarnings = HTTPField.Name("Backup-Warnings")!
}

extension APIContext {
    /// What the backup is locked with; 422 without one, and 422 of another kind for one that can't be one.
    var passphrase: BackupPassphrase {
        get throws {
            let values = request.headers[values: .backupPassphrase]
            guard let text = values.first else {
                throw Problem(
                    .passphraseNeeded, field: "Backup-Passphrase",
                    "is needed: a header field with the passphrase that the backup is locked with")
            }
            do throws(ValueError) {
                guard values.count == 1 else { throw ValueError("must be given once") }
                return try BackupPassphrase(text)
            } catch {
                throw Problem(.passphraseUnfit, field: "Backup-Passphrase", error.description)
            }
        }
    }
}

extension HashingThreads {
    /// The key of a backup, made where it keeps nobody else waiting.
    func key(_ passphrase: BackupPassphrase, salt: [UInt8], cost: BackupKey.Cost) async throws -> BackupKey {
        try await run { () -> Result<BackupKey, BackupError> in
            do throws(BackupError) {
                return .success(try BackupKey(passphrase, salt: salt, cost: cost))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
