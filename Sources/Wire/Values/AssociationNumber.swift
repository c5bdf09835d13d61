/// What an association is known by in the kernel, which keeps no UUID: 1…16,777,215, unique on this host.
///
/// Every security association and policy of ours carries it as its ``reqid``; what carries another one is somebody else's.
public struct AssociationNumber: NumberValue {
    public static let range: ClosedRange<UInt32> = 1...0xFF_FFFF
    public let rawValue: UInt32
    public init(validated: UInt32) { rawValue = validated }

    /// The first of our own reqids, less one. IKE daemons count theirs from 1.
    private static let base: UInt32 = 0xAF00_0000

    /// The request id in `xfrm_usersa_info` and `xfrm_user_tmpl` (linux/xfrm.h), which ties policies to associations.
    public var reqid: UInt32 { Self.base | rawValue }

    /// Nil if the reqid is none of ours.
    public init?(reqid: UInt32) {
        guard reqid & ~Self.range.upperBound == Self.base, Self.range.contains(reqid & Self.range.upperBound) else {
            return nil
        }
        self.init(validated: reqid & Self.range.upperBound)
    }
}

/// How many packets a receiver remembers to find repeated ones (RFC 4303, section 3.4.3): 0…32; 0 is no protection.
public struct ReplayWindow: NumberValue {
    public static let range: ClosedRange<UInt8> = 0...32
    public let rawValue: UInt8
    public init(validated: UInt8) { rawValue = validated }
}
