/// Why there is no QR code of some bytes.
public enum QRCodeError: Error, Equatable, Sendable {
    /// There are more than ``QRCode/limit``.
    case tooLarge(count: Int)
    /// qrencode(3) gave up: no memory (ENOMEM), or no bytes at all (EINVAL).
    case notMade(errno: Int32)
}
