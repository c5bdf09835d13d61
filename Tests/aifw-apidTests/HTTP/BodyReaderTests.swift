import Testing
import Wire

@testable import aifw_apid

@Suite struct BodyReaderTests {
    private func reader(_ text: String) throws -> BodyReader {
        try #require(BodyReader(try JSONParser.parse(Bytes(text.utf8))))
    }

    private func faults(_ reader: BodyReader) throws -> [String] {
        let problem = try #require(throws: Problem.self) { try reader.finish() }
        #expect(problem.code == .invalid)
        return problem.errors.map { "\($0.field): \($0.detail)" }
    }

    @Test func `members come out as values`() throws {
        let reader = try reader(#"{"listen_port": 51820, "mtu": null, "auto_generate_key": true}"#)
        let port = reader.required("listen_port", as: Port.self)
        #expect(reader.optional("mtu", as: MTU.self) == .null)
        #expect(reader.optional("fwmark", as: FirewallMark.self) == .absent)
        reader.ignored("auto_generate_key")
        #expect(try reader.finish(port) == Port(51820))
    }

    @Test func `all faults are reported at once, with the nearest known name, or all of them`() throws {
        let reader = try reader(#"{"listen_port": 51820.0, "mtu": 100, "nmae": "x", "zzzzzzzz": 1}"#)
        _ = reader.required("name", as: ObjectName.self)
        _ = reader.required("listen_port", as: Port.self)
        _ = reader.optional("mtu", as: MTU.self)
        #expect(
            try faults(reader) == [
                "name: is needed",
                "listen_port: must be a whole number, not a number that is not written as a whole number",
                "mtu: must be from 576 to 65535, not 100",
                #"nmae: is not known here; did you mean "name"?"#,
                "zzzzzzzz: is not known here; what is: listen_port, mtu, name",
            ])
    }

    @Test func `a required member must not be null`() throws {
        let reader = try reader(#"{"name": null}"#)
        #expect(reader.required("name", as: ObjectName.self) == nil)
        #expect(try faults(reader) == ["name: must not be null"])
    }

    @Test func `an empty text clears where that is allowed, and is a value elsewhere`() throws {
        let reader = try reader(#"{"endpoint": "", "name": ""}"#)
        #expect(reader.optional("endpoint", emptyClears: true, as: PublicEndpoint.self) == .null)
        _ = reader.optional("name", as: ObjectName.self)
        #expect(try faults(reader) == ["name: must not be blank"])
    }

    @Test(arguments: [
        (#"{"keepalive": 25}"#, 25), (#"{"persistent_keepalive": 25}"#, 25),
        (#"{"keepalive": 25, "persistent_keepalive": 25}"#, 25),
    ])
    func `both spellings of a member are taken`(text: String, seconds: Int) throws {
        let reader = try reader(text)
        let field = reader.optional("persistent_keepalive", aliases: "keepalive", as: Keepalive.self)
        try reader.finish()
        #expect(try field == .value(Keepalive(seconds)))
    }

    @Test func `two spellings that differ are a fault`() throws {
        let reader = try reader(#"{"keepalive": 25, "persistent_keepalive": 26}"#)
        _ = reader.optional("persistent_keepalive", aliases: "keepalive", as: Keepalive.self)
        #expect(try faults(reader) == [#"keepalive: differs from "persistent_keepalive", which means the same"#])
    }

    @Test func `a read-only member may come back as it is, not changed`() throws {
        let same = try reader(#"{"public_key": "k"}"#)
        same.readOnly("public_key", is: "k")
        try same.finish()
        let changed = try reader(#"{"public_key": "x"}"#)
        changed.readOnly("public_key", is: "k")
        #expect(try faults(changed) == ["public_key: can't be changed; leave it out"])
    }

    @Test func `faults in a list of objects are named by their place`() throws {
        let reader = try reader(#"{"peers": [{"name": "a"}, 5, {"nam": "b"}, {"name": ""}]}"#)
        let names = reader.each("peers", atMost: 10) { _, peer in peer.required("name", as: ObjectName.self) }
        #expect(names?.count == 1)
        #expect(
            try faults(reader) == [
                "peers[1]: must be an object, not a whole number", "peers[2].name: is needed",
                "peers[3].name: must not be blank", #"peers[2].nam: is not known here; did you mean "name"?"#,
            ])
    }

    @Test func `a list may not be longer than its limit`() throws {
        let reader = try reader(#"{"peers": [{}, {}]}"#)
        #expect(reader.each("peers", atMost: 1) { _, _ in true } == nil)
        #expect(try faults(reader) == ["peers: must have 1 elements at most, not 2"])
    }

    @Test func `of a body that is something else, not every member is named`() throws {
        let members = (0..<10_000).map { JSON.Member(name: "m\($0)", value: 1) }
        let reader = try #require(BodyReader(.object(members)))
        let faults = try faults(reader)
        #expect(faults.count == 51)
        #expect(faults.last == ": and 9950 more names are wrong")
    }

    @Test func `in a list of objects too, only the first unknown members are named`() throws {
        let elements = (0..<40).map { _ in JSON.object([.init(name: "a", value: 1), .init(name: "b", value: 2)]) }
        let reader = try #require(BodyReader(["peers": .array(elements)]))
        _ = reader.each("peers", atMost: 100) { _, _ in true }
        let faults = try faults(reader)
        #expect(faults.count == 51)
        #expect(faults[49] == "peers[24].b: is not known here")
        #expect(faults.last == ": and 30 more names are wrong")
    }

    @Test func `a long name is quoted in part and compared with none`() throws {
        let name = String(repeating: "näme", count: 100_000)
        let reader = try #require(BodyReader(.object([.init(name: name, value: 1)])))
        _ = reader.optional("name", as: ObjectName.self)
        let problem = try #require(throws: Problem.self) { try reader.finish() }
        #expect(problem.errors.map(\.field) == [name.prefix(63) + "…"])
        #expect(problem.errors.map(\.detail) == ["is not known here; what is: name"])
        #expect(problem.detail.utf8.count < 200)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a name of nothing but combining marks does not hold the server`() throws {
        // Hashed or compared, this one takes minutes.
        let name = String(repeating: "\u{0301}\u{0316}", count: 250_000)
        let reader = try #require(BodyReader(.object([.init(name: name, value: 1)])))
        _ = reader.optional("name", as: ObjectName.self)
        #expect(try faults(reader).count == 1)
    }

    @Test func `only an object has members`() {
        #expect(BodyReader([1, 2]) == nil)
    }

    @Test(arguments: [
        ("name", "name", 0), ("nmae", "name", 2), ("mtu", "mtus", 1), ("", "ab", 2), ("kitten", "sitting", 3),
    ])
    func `the distance of two names is the number of edits`(first: String, second: String, distance: Int) {
        #expect(Faults.distance(first, second, most: 5) == distance)
    }
}
