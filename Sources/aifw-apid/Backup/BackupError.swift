/// Why a file can't be restored.
enum BackupError: Error, Equatable {
    /// Another program's file, or none at all.
    case foreign
    /// One of another format: of a later version of this program, or of none there ever was.
    case version(UInt8)
    /// Its key would take more time or memory than is given.
    case cost
    /// The key is not that of this file, or its head was changed: which of the two nobody can tell.
    case wrongPassphrase
    /// Cut, changed or put together otherwise than this program does, in words.
    case damaged(String)
    /// There is no memory to make a key of the passphrase.
    case noMemory
}
