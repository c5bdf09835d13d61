import Crypto
import FoundationEssentials
import Glibc
import NIOSSL
import SwiftASN1
import Wire
import X509

/// The certificate that the server shows, and its key: two PEM files.
///
/// Given ones are taken as they are. Where none are given, a self-signed pair is made on first start and used until it has
/// less than 30 days left (``CertificateUpkeep``); clients pin it or trust it by hand.
struct ServerCertificate: Sendable {
    /// How long a certificate of our own is valid: two years, for a server only.
    static let lifetime: TimeInterval = 2 * 365 * 86_400
    /// How long before its end a new one is made.
    static let renewal: TimeInterval = 30 * 86_400

    let certificatePath: String
    let keyPath: String

    /// A pair that can be used.
    struct Loaded: Sendable {
        /// What TLS is spoken with: 1.2 and up, HTTP/2 and HTTP/1.1 (the protocols are set by whoever opens the listener).
        let configuration: TLSConfiguration
        /// When the certificate is valid no more.
        let end: Date

        /// The same, `2028-11-25T00:23:16Z`.
        var endText: String { end.formatted(.iso8601) }

        /// Whether it has less than ``ServerCertificate/renewal`` left, or none.
        func endsSoon(at now: Date) -> Bool { end < now + ServerCertificate.renewal }
    }

    /// Reads the files. What does not fit together is refused here, with the paths, and not at the first handshake.
    func load() throws(ListenerError) -> Loaded {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificatePath)
            let key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            _ = try NIOSSLContext(configuration: configuration)
            guard let end = chain.first?.notValidAfter else { throw NIOSSLError.failedToLoadCertificate }
            return Loaded(configuration: configuration, end: Date(timeIntervalSince1970: TimeInterval(end)))
        } catch {
            throw ListenerError(
                "TLS certificate \(certificatePath), key \(keyPath): they can't be read, are no PEM, or don't belong "
                    + "together"
            )
        }
    }

    /// The host names in a certificate of our own: what the manual calls this host, and what the kernel does.
    static var names: [String] {
        var buffer = [CChar](repeating: 0, count: 65)
        let isKnown = gethostname(&buffer, buffer.count - 1) == 0
        let bytes = buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        let known = isKnown ? String(decoding: bytes, as: UTF8.self) : ""
        let names = ["localhost", "aifw.local"]
        return (try? HostName(known)) == nil || names.contains(known) ? names : names + [known]
    }

    /// Makes a self-signed pair for `names` where there is none that can be used; returns whether it did.
    ///
    /// The key is there before the certificate is, and each appears at once and whole, so a start that was cut short
    /// leaves at worst a pair that does not match; that is made again.
    func makeUnlessPresent(names: [String], now: Date = Date()) throws -> Bool {
        guard !isUsable(at: now) else { return false }
        let key = P256.Signing.PrivateKey()
        let signer = Certificate.PrivateKey(key)
        var alternatives = names.map { GeneralName.dnsName($0) }
        for address: [UInt8] in [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]] {
            alternatives.append(.ipAddress(ASN1OctetString(contentBytes: address[...])))
        }
        let name = try DistinguishedName { CommonName(names.first ?? "localhost") }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: signer.publicKey,
            // Clocks differ: an hour into the past spares a client that is a little behind.
            notValidBefore: now - 3600,
            notValidAfter: now + Self.lifetime,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
            },
            issuerPrivateKey: signer)
        try PrivateFile.replace(keyPath, with: key.pemRepresentation, mode: 0o600)
        try PrivateFile.replace(certificatePath, with: certificate.serializeAsPEM().pemString + "\n", mode: 0o644)
        return true
    }

    private func isUsable(at now: Date) -> Bool {
        guard let certificateText = PrivateFile.read(certificatePath), let keyText = PrivateFile.read(keyPath),
            let certificate = try? Certificate(pemEncoded: certificateText),
            let key = try? Certificate.PrivateKey(pemEncoded: keyText)
        else { return false }
        return certificate.publicKey == key.publicKey && certificate.notValidAfter > now + Self.renewal
    }
}
