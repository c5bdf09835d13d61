/// A UDP port: 1…65535.
public struct Port: NumberValue {
    public static let range: ClosedRange<UInt16> = 1...65535
    public let rawValue: UInt16
    public init(validated: UInt16) { rawValue = validated }
}

/// The MTU of a tunnel in bytes: 576…65535 (RFC 791 has every host take 576; IPv6 wants 1280, which the tunnel's owner
/// checks, for only it knows whether the tunnel has IPv6).
public struct MTU: NumberValue {
    public static let range: ClosedRange<UInt16> = 576...65535
    /// What a tunnel gets if nothing is said: 1420, which leaves room for WireGuard over IPv6 on Ethernet.
    public static let standard = MTU(validated: 1420)
    public let rawValue: UInt16
    public init(validated: UInt16) { rawValue = validated }
}

/// The firewall mark on a tunnel's outgoing packets (`fwmark` of wg(8)); 0 is none.
public struct FirewallMark: NumberValue {
    public static let range: ClosedRange<UInt32> = 0...UInt32.max
    public let rawValue: UInt32
    public init(validated: UInt32) { rawValue = validated }
}

/// The seconds between persistent keepalives of a peer (wg(8)): 1…65535; 0 is off.
public struct Keepalive: NumberValue {
    public static let range: ClosedRange<UInt16> = 0...65535
    public let rawValue: UInt16
    public init(validated: UInt16) { rawValue = validated }
}

/// A security parameters index: 256…2^32-1; 0 to 255 are reserved (RFC 4303, section 2.1).
public struct SPI: NumberValue {
    public static let range: ClosedRange<UInt32> = 256...UInt32.max
    public let rawValue: UInt32
    public init(validated: UInt32) { rawValue = validated }
}
