internal import CLinux

/// Attributes by the names of linux/wireguard.h, each of which has a type of its own.
extension NetlinkMessage {
    func put(_ type: wgdevice_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    func put(_ type: wgdevice_attribute, _ payload: UnsafeRawBufferPointer) {
        put(Int(type.rawValue), payload)
    }

    func put(_ type: wgpeer_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    func put(_ type: wgpeer_attribute, _ payload: UnsafeRawBufferPointer) {
        put(Int(type.rawValue), payload)
    }

    func put(_ type: wgpeer_attribute, _ payload: [UInt8]) { put(Int(type.rawValue), payload) }

    func nest(_ type: wgpeer_attribute, _ body: () -> Void) { nest(Int(type.rawValue), body) }

    func put(_ type: wgallowedip_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    func put(_ type: wgallowedip_attribute, _ payload: [UInt8]) { put(Int(type.rawValue), payload) }
}
