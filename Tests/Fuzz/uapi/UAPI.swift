import Glibc
import Wire

@testable import KernelMessages

/// What wireguard-go, which faces the network, answers on its control socket.
///
/// The first byte of the input says in pieces of how many bytes the rest comes in.
enum UAPI {
    private struct Outcome: Equatable {
        var lines: [[UInt8]] = []
        /// Nil if the answer was refused.
        var progress: UserspaceAnswer.Progress?
    }

    static func run(_ input: UnsafeRawBufferPointer) {
        guard let size = input.first else { return }
        let text = UnsafeRawBufferPointer(rebasing: input.dropFirst())
        let outcome = read(text, inPiecesOf: Int(size) + 1)
        Checks.require(outcome == read(text, inPiecesOf: .max), "an answer is the same however it is divided")
        states(outcome.lines)
    }

    private static func read(_ text: UnsafeRawBufferPointer, inPiecesOf size: Int) -> Outcome {
        let answer = UserspaceAnswer()
        var outcome = Outcome(progress: .more)
        var rest = text[...]
        while !rest.isEmpty, outcome.progress == .more {
            Checks.require(answer.room.count > 0, "there is room for what comes next")
            let piece = rest.prefix(min(size, answer.room.count))
            answer.room.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            outcome.progress = try? answer.take(piece.count) { (line) throws(Refusal) in
                Checks.require(!line.isEmpty && !line.contains(UInt8(ascii: "\n")), "a line is one line")
                outcome.lines.append(Array(line))
                return true
            }
        }
        if case .failed(let number) = outcome.progress { Checks.require(number > 0, "an error number is positive") }
        return outcome
    }

    private static func states(_ lines: [[UInt8]]) {
        guard let (device, peers) = reading(lines) else { return }
        if device.publicKey != nil || !peers.isEmpty { Checks.take() }
        Readings.same(device, peers)
        // What is set is listed as it was.
        let set = peers.map { peer in
            PeersChange.Peer(
                publicKey: peer.publicKey, endpoint: peer.endpoint, allowedIPs: peer.allowedIPs,
                keepalive: peer.keepalive)
        }
        let written = UserspaceConfiguration(PeersChange(set: set)).bytes.withUnsafeBytes { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).dropFirst().map { Array($0) }
        }
        guard let (_, again) = reading(written) else { Checks.fail("written lines are read") }
        Checks.require(again.count == peers.count, "no peer is lost")
        for (left, right) in zip(peers, again) {
            Checks.require(left.publicKey == right.publicKey, "a peer keeps its key")
            Checks.require(left.allowedIPs == right.allowedIPs, "a peer keeps its allowed IPs")
            Checks.require(left.endpoint == right.endpoint, "a peer keeps its endpoint")
            Checks.require(left.keepalive == right.keepalive, "a peer keeps its keepalive")
        }
    }

    /// Nil if a line is refused.
    private static func reading(_ lines: [[UInt8]]) -> (DeviceState, [PeerState])? {
        var reading = UserspaceReading(publicKey: publicKey)
        var device = DeviceState()
        var peers: [PeerState] = []
        for line in lines {
            let taken: Void? = line.withUnsafeBytes { line in
                try? reading.take(
                    line, fingerprint: fingerprint, device: { device = $0 }, peer: { peers.append($0) })
            }
            if taken == nil { return nil }
        }
        try? reading.finish(device: { device = $0 }, peer: { peers.append($0) })
        return (device, peers)
    }

    /// Stands for the vault's: any key but that of zeros.
    private static func publicKey(of key: SecretKey) throws(Refusal) -> PublicKey {
        guard let key = PublicKey(bytes: [UInt8](repeating: 9, count: 32)) else { throw UserspaceAnswer.malformed }
        return key
    }

    private static func fingerprint(_ secret: UnsafeRawBufferPointer) -> SecretFingerprint {
        guard let fingerprint = SecretFingerprint(bytes: secret.prefix(16)) else {
            Checks.fail("a secret has 16 bytes")
        }
        return fingerprint
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    UAPI.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
