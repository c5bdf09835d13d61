internal import CLinux
internal import Wire

/// The algorithms of a security association, each with its key (linux/xfrm.h).
extension NetlinkMessage {
    func put(aead: EncryptionAlgorithm, _ key: Secret) {
        put(XFRMA_ALG_AEAD, aead.kernelName, key, tagBits: EncryptionAlgorithm.tagBits)
    }

    func put(cipher: EncryptionAlgorithm, _ key: Secret) {
        put(XFRMA_ALG_CRYPT, cipher.kernelName, key, tagBits: nil)
    }

    func put(hash: AuthenticationAlgorithm, _ key: Secret) {
        put(XFRMA_ALG_AUTH_TRUNC, hash.kernelName, key, tagBits: hash.sentBits)
    }

    /// Writes what ``ListedAlgorithm`` reads.
    private func put(_ type: xfrm_attr_type_t, _ name: String, _ key: Secret, tagBits: UInt32?) {
        let size = ListedAlgorithm.size(hasTag: tagBits != nil)
        put(Int(type.rawValue), length: size + key.count) { place in
            place.copyBytes(from: name.utf8)
            place.storeBytes(of: UInt32(key.count * 8), toByteOffset: ListedAlgorithm.keyBitsOffset, as: UInt32.self)
            if let tagBits {
                place.storeBytes(of: tagBits, toByteOffset: ListedAlgorithm.tagBitsOffset, as: UInt32.self)
            }
            key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: place[size...]).copyMemory(from: $0) }
        }
    }
}
