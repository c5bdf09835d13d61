/// What protects the packets of an association (RFC 4301, section 3.2).
public enum IPsecProtocol: String, WordValue, Equatable {
    /// Encapsulating Security Payload (RFC 4303): encryption and integrity.
    case esp
    /// Authentication Header (RFC 4302): integrity, of the outer header too.
    case ah

    /// Its number in the IP header.
    public var number: UInt8 {
        switch self {
        case .esp: 50
        case .ah: 51
        }
    }
}

/// Whether an association carries whole packets between networks or payloads between its two ends (RFC 4301, section 4.1).
public enum IPsecMode: String, WordValue, Equatable {
    case tunnel
    case transport
}

/// Which way traffic goes, seen from this host.
public enum TrafficDirection: String, WordValue, Equatable {
    case `in`
    case out
}
