/// A message of the kernel's answer: the fixed structure behind its header, and its attributes.
///
/// Valid only while the closure runs that it is given to.
package struct NetlinkReply {
    let type: Int
    /// All behind the message's header.
    package let payload: UnsafeRawBufferPointer

    /// The family's fixed structure; nil if the message is too short for it.
    func familyHeader<Header: BitwiseCopyable>(as header: Header.Type) -> Header? {
        payload.count >= MemoryLayout<Header>.size ? payload.loadUnaligned(as: Header.self) : nil
    }

    /// The attributes behind a fixed structure of the given type.
    func attributes<Header: BitwiseCopyable>(after header: Header.Type) -> NetlinkAttributes {
        let offset = (MemoryLayout<Header>.size + 3) & ~3
        return NetlinkAttributes(UnsafeRawBufferPointer(rebasing: payload.dropFirst(offset)))
    }
}
