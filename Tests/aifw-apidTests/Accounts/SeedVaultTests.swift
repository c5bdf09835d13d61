import FoundationEssentials
import Glibc
import Testing
import Wire

@testable import aifw_apid

@Suite final class SeedVaultTests {
    private let folder: String
    private let user = ObjectID.random()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "aifw-seeds-\(ObjectID.random())").path() + "/"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var key: String { folder + "totp.key" }

    @Test func `a seed opens for its user only, also after a restart, and the key is its owner's alone`() throws {
        let seed = try #require(OneTimePassword.random()).seed
        let sealed = try SeedVault(folder: folder).seal(seed, for: user)
        var status = stat()
        #expect(stat(key, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_size == 32)
        let again = SeedVault(folder: folder)
        let opened = try again.open(sealed, for: user).seed
        #expect(seed.withUnsafeBytes { Array($0) } == opened.withUnsafeBytes { Array($0) })
        #expect(throws: SeedVault.Failure.self) { try again.open(sealed, for: .random()) }
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: SeedVault.Failure.self) { try again.open(damaged, for: user) }
        }
        #expect(throws: SeedVault.Failure.self) { try again.open([], for: user) }
    }

    @Test func `a key that is lost is not made anew by who only wants to open`() throws {
        let seed = try #require(OneTimePassword.random()).seed
        let sealed = try SeedVault(folder: folder).seal(seed, for: user)
        #expect(unlink(key) == 0)
        let error = #expect(throws: SeedVault.Failure.self) { try SeedVault(folder: folder).open(sealed, for: user) }
        #expect(error?.description.contains("totp.key is missing") == true)
        #expect(access(key, F_OK) != 0)
    }

    @Test func `a key that others could read is its owner's again, and one of another length is refused`() throws {
        let seed = try #require(OneTimePassword.random()).seed
        let sealed = try SeedVault(folder: folder).seal(seed, for: user)
        #expect(chmod(key, 0o644) == 0)
        _ = try SeedVault(folder: folder).open(sealed, for: user)
        var status = stat()
        #expect(stat(key, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(truncate(key, 31) == 0)
        #expect(throws: SeedVault.Failure.self) { try SeedVault(folder: folder).seal(seed, for: user) }
        #expect(unlink(key) == 0 && symlink("/dev/zero", key) == 0)
        #expect(throws: SeedVault.Failure.self) { try SeedVault(folder: folder).seal(seed, for: user) }
    }
}
