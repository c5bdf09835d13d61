import CSodium
import Dispatch
import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct PasswordTests {
    /// How many are at work at once.
    private final class Crowd: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func come() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }

        func go() { counts.withLock { $0.now -= 1 } }
    }

    @Test func `a hash is Argon2id's with a salt of its own, and knows its password`() throws {
        let password = try Password(json: "correct horse battery")
        let hash = try #require(PasswordHash(password))
        #expect(hash.text.hasPrefix("$argon2id$v=19$m=65536,t=2,p=1$"))
        #expect(hash.matches(password))
        #expect(!hash.matches(try Password(json: "correct horse batterY")))
        #expect(try #require(PasswordHash(password)) != hash)
    }

    @Test func `nobody's hash has the cost of a real one, and no password`() throws {
        let password = try Password(json: "correct horse battery")
        for hash in [PasswordHash.ofNobody, try #require(PasswordHash(password))] {
            // 0: it can be read, and has this cost; 1: it has another one; -1: it would be refused without any work.
            #expect(
                crypto_pwhash_argon2id_str_needs_rehash(hash.text, PasswordHash.passes, PasswordHash.memory) == 0)
        }
        #expect(!PasswordHash.ofNobody.matches(password))
    }

    @Test(arguments: [("eleven char", false), ("twelve chars", true), ("zwölf bytes", true)])
    func `a new password has 12 to 1024 bytes`(text: String, isTaken: Bool) {
        #expect(((try? Password(json: .text(text))) != nil) == isTaken)
        #expect((try? Password(json: .text(String(repeating: "x", count: 1024)))) != nil)
        #expect((try? Password(json: .text(String(repeating: "x", count: 1025)))) == nil)
        #expect((try? Password(attempt: "x")) != nil)
        #expect((try? Password(attempt: 7)) == nil)
    }

    @Test func `neither is ever printed`() throws {
        let password = try Password(json: "correct horse battery")
        var dumped = ""
        dump(password, to: &dumped)
        dump(PasswordHash(stored: "$argon2id$secret"), to: &dumped)
        #expect(!"\(password) \(dumped)".contains("horse") && !dumped.contains("secret"))
    }

    @Test func `two are hashed at once, sixteen wait, the next is refused, and all that wait come to their turn`()
        async throws
    {
        let threads = HashingThreads()
        let gate = DispatchSemaphore(value: 0)
        let crowd = Crowd()
        let (begun, announce) = AsyncStream.makeStream(of: Void.self)
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            func add(_ numbers: Range<Int>) {
                for number in numbers {
                    group.addTask {
                        try await threads.run {
                            crowd.come()
                            announce.yield()
                            gate.wait()
                            crowd.go()
                            return number
                        }
                    }
                }
            }
            add(0..<HashingThreads.threads)
            var iterator = begun.makeAsyncIterator()
            for _ in 0..<HashingThreads.threads { await iterator.next() }
            add(2..<2 + HashingThreads.places)
            while threads.waiting < HashingThreads.places { await Task.yield() }
            await #expect(throws: HashingThreads.BusyError.self) { try await threads.run {} }
            for _ in 0..<18 { gate.signal() }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(results == Set(0..<18))
        #expect(crowd.most == HashingThreads.threads)
        #expect(threads.waiting == 0)
        #expect(try await threads.run { 7 } == 7, "threads that have gone come back")
    }
}
