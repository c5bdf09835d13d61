import CQrencode
import Glibc
public import Wire

/// A QR code (ISO/IEC 18004) that holds some bytes, such as a client's configuration with its private key.
///
/// Its modules say as much as the bytes do, so they are wiped at its end, and pictures of it are made in ``Bytes``. What
/// libqrencode itself used meanwhile, it gives back to the allocator as it is.
public struct QRCode: ~Copyable {
    /// How much of a code may be unreadable: about 7 % at `L`, 15 % at `M`.
    public enum Level: Sendable {
        case l, m
    }

    /// The most bytes that any code can hold: version 40 at level L.
    public static let limit = 2953

    /// The modules of light that a code needs around it (ISO/IEC 18004, section 6.3.8).
    public static let quietZone = 4

    /// The largest version that a terminal of 80 columns shows, with its quiet zone: 77 modules.
    static let readableVersion: Int32 = 13

    private let code: UnsafeMutablePointer<QRcode>

    public let level: Level

    /// The code of `bytes`, in the smallest version that holds them.
    ///
    /// Its level is M as long as a terminal shows that, or else L: a camera that reads a screen has more trouble with
    /// small modules than with damaged ones.
    public init(_ bytes: Bytes) throws(QRCodeError) {
        if let code = try? Self.encode(bytes, QR_ECLEVEL_M) {
            if code.pointee.version <= Self.readableVersion {
                (self.code, level) = (code, .m)
                return
            }
            Self.free(code)
        }
        (code, level) = (try Self.encode(bytes, QR_ECLEVEL_L), .l)
    }

    deinit { Self.free(code) }

    /// The modules of a side, without the quiet zone: 21 to 177.
    public var side: Int { Int(code.pointee.width) }

    /// The modules of a side with the quiet zone; the columns of ``blocks(painted:)``.
    public var outerSide: Int { side + 2 * Self.quietZone }

    /// Whether a module is dark. Rows count from the top, columns from the left; all around the code it is light.
    public func isDark(row: Int, column: Int) -> Bool {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return false }
        return code.pointee.data[row * side + column] & 1 == 1
    }

    private static func encode(
        _ bytes: Bytes, _ level: QRecLevel
    ) throws(QRCodeError) -> UnsafeMutablePointer<QRcode> {
        try bytes.withUnsafeBytes { (all) throws(QRCodeError) in
            guard all.count <= limit else { throw .tooLarge(count: all.count) }
            guard let start = all.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let code = QRcode_encodeData(Int32(all.count), start, 0, level)
            else { throw errno == ERANGE ? .tooLarge(count: all.count) : .notMade(errno: errno) }
            return code
        }
    }

    private static func free(_ code: UnsafeMutablePointer<QRcode>) {
        let side = Int(code.pointee.width)
        explicit_bzero(code.pointee.data, side * side)
        QRcode_free(code)
    }
}
