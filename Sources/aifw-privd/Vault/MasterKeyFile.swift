import CSodium
import Daemon
import Glibc

/// The file of master keys: one, or two while they are rotated, the current one first. Lost, everything sealed is lost with
/// it.
enum MasterKeyFile {
    private static let file = KeyFile.master

    /// Reads the keys, making the file with one if there is none.
    ///
    /// - Parameters:
    ///   - folder: a descriptor of the state directory.
    ///   - account: who must own the file.
    static func open(in folder: Int32, account: Account) throws(StartupError) -> [MasterKey] {
        try file.lock(folder)
        if let bytes = try file.read(in: folder, account: account) { return try keys(in: bytes) }
        let key = try LockedMemory(count: MasterKey.length) { randombytes_buf($0.baseAddress!, $0.count) }
        try file.write(key, in: folder, account: account)
        return try keys(in: key)
    }

    /// Puts a new key in front, or takes the former one away: the file is the old or the new one, whole, at any moment.
    static func change(
        _ command: KeyCommand, in folder: Int32, account: Account, after: (KeyFile.Step) -> Void = { _ in }
    ) throws(StartupError) {
        try file.lock(folder)
        guard let old = try file.read(in: folder, account: account) else {
            throw StartupError("there is no \(file.name) yet; the helper makes it at its first start")
        }
        if let fault = command.fault(keys: old.count / MasterKey.length) {
            throw StartupError("\(file.name) \(fault)")
        }
        let length = command == .rotate ? old.count + MasterKey.length : MasterKey.length
        let new = try LockedMemory(count: length) { room in
            let kept = UnsafeMutableRawBufferPointer(
                rebasing: room[(command == .rotate ? MasterKey.length : 0)...])
            if command == .rotate { randombytes_buf(room.baseAddress!, MasterKey.length) }
            old.withUnsafeBytes { kept.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<kept.count])) }
        }
        try file.write(new, in: folder, account: account, after: after)
    }

    private static func keys(in bytes: LockedMemory) throws(StartupError) -> [MasterKey] {
        try bytes.withUnsafeBytes { (all) throws(StartupError) in
            var keys: [MasterKey] = []
            for start in stride(from: 0, to: all.count, by: MasterKey.length) {
                keys.append(try MasterKey(UnsafeRawBufferPointer(rebasing: all[start..<start + MasterKey.length])))
            }
            return keys
        }
    }
}
