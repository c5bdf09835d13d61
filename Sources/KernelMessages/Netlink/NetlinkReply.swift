/// A message of the kernel's answer: the fixed structure behind its header, and its attributes.
///
/// Valid only while the closure runs that it is given to. Fixed structures are those of the kernel's headers; Swift does not
/// take one with a union for `BitwiseCopyable`, which all of them are.
package struct NetlinkReply {
    let type: Int
    /// All behind the message's header.
    package let payload: UnsafeRawBufferPointer

    /// The family's fixed structure; nil if the message is too short for it.
    func familyHeader<Header>(as header: Header.Type) -> Header? {
        payload.count >= MemoryLayout<Header>.size ? payload.loadUnaligned(as: Header.self) : nil
    }

    /// The attributes behind a fixed structure of the given type.
    func attributes<Header>(after header: Header.Type) -> NetlinkAttributes {
        let offset = (MemoryLayout<Header>.size + 3) & ~3
        return NetlinkAttributes(UnsafeRawBufferPointer(rebasing: payload.dropFirst(offset)))
    }
}
