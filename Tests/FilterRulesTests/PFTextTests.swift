import FilterRules
import Testing
import Wire

@Suite struct `The anchor as pf takes it` {
    private static let text = """
        nat on egress inet from 10.0.0.0/24 to any tag mq:11111111-1111-4111-8111-111111111111:# -> (egress:0)
        nat on egress inet6 from fd00::/64 to any tag mq:11111111-1111-4111-8111-111111111111:# -> (egress:0)
        pass in quick proto udp from any to (self) port 51820 keep state label "lp:11111111-1111-4111-8111-111111111111:51820"
        pass quick on wg0 flags any keep state label "tt:11111111-1111-4111-8111-111111111111:wg0"
        pass in quick on eth0.100 proto udp from any to (self) port 51821 keep state label "lp:11111111-1111-4111-8111-111111111111:51821.eth0.100"
        pass quick on wg9999 flags any keep state label "tt:11111111-1111-4111-8111-111111111111:wg9999"
        pass in quick inet proto esp from 198.51.100.1 to 203.0.113.1 keep state label "pp:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick inet proto esp from 203.0.113.1 to 198.51.100.1 keep state label "pp:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick inet proto ah from 198.51.100.1 to 203.0.113.1 keep state label "pp:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick inet proto ah from 203.0.113.1 to 198.51.100.1 keep state label "pp:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick inet proto udp from 198.51.100.1 to 203.0.113.1 port { 500 4500 } keep state label "ke:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick inet proto udp from 203.0.113.1 to 198.51.100.1 port { 500 4500 } keep state label "ke:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick on enc0 inet from 10.2.0.0/16 to 10.1.0.0/16 flags any keep state label "it:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick on enc0 inet from 10.1.0.0/16 to 10.2.0.0/16 flags any keep state label "it:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick inet6 proto esp from 2001:db8:ffff::2 to 2001:db8::1 keep state label "pp:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick inet6 proto esp from 2001:db8::1 to 2001:db8:ffff::2 keep state label "pp:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick inet6 proto udp from 2001:db8:ffff::2 to 2001:db8::1 port { 500 4500 } keep state label "ke:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick inet6 proto udp from 2001:db8::1 to 2001:db8:ffff::2 port { 500 4500 } keep state label "ke:22222222-2222-4222-8222-222222222222:out.#"
        pass in quick on enc0 inet6 from ::/0 to 2001:db8:1::/48 flags any keep state label "it:22222222-2222-4222-8222-222222222222:in.#"
        pass out quick on enc0 inet6 from 2001:db8:1::/48 to ::/0 flags any keep state label "it:22222222-2222-4222-8222-222222222222:out.#"

        """

    @Test func `A rule is its lines, in the order of pf's grammar and with a label each`() {
        let anchor = PFText.anchor(Example.rules)
        let masked = anchor.replacing(#/[0-9a-f]{16}"/#, with: "#\"").replacing(#/:[0-9a-f]{16} /#, with: ":# ")
        #expect(masked == Self.text)
        #expect(anchor.hasSuffix("\n") && !anchor.contains("\r") && !anchor.contains("\0"))
        #expect(PFText.anchor([]) == "")
    }

    @Test func `A label has pf's length and alphabet, whatever is in the rule`() {
        let (local, remote) = (Example.longest[0], Example.longest[1])
        let owner = ObjectID(bits: .max)
        let rules = [
            Example.listen(65535, on: "abcdefghijklmno", owner: owner), Example.listen(65535, on: "@bcdefghijklmno"),
            Example.traffic(9999, owner: owner), Example.packets(.esp, local, remote, owner: owner),
            Example.packets(.ah, local, remote, owner: owner), Example.ike(local, remote, owner: owner),
            Example.inner(0xFF_FFFF, local + "/128", remote + "/128", owner: owner),
            Example.masquerade(local + "/128", on: 9999, owner: owner),
        ]
        let labels = rules.flatMap { $0.parts(with: .pf) }
        #expect(Set(labels).count == labels.count && labels.count == 12)
        for label in labels {
            #expect(label.utf8.count <= 63)
            #expect(label.wholeMatch(of: #/[A-Za-z0-9._:-]+/#) != nil)
        }
    }

    // MARK: Read, change, load

    @Test func `A change leaves out what goes, keeps the others as pf printed them, and adds what is not there`() {
        let present = PFText.anchor([Example.listen(51820), Example.traffic(0), Example.ike()])
        let changed = PFText.changed(
            present, remove: [Example.listen(51820), Example.ike()], add: [Example.traffic(0), Example.listen(51821)])
        #expect(changed == PFText.anchor([Example.traffic(0), Example.listen(51821)]))
        #expect(PFText.changed(present, remove: [], add: [Example.listen(51820)]) == present)
        #expect(PFText.changed(present, remove: [Example.traffic(7)], add: []) == present)
        #expect(PFText.changed("", remove: [Example.ike()], add: [Example.ike()]) == PFText.anchor([Example.ike()]))
    }

    @Test func `What pf prints as two lines goes and stays as one rule`() {
        let labels = Example.ike().parts(with: .pf)
        // As pfctl prints `port { 500 4500 }`, and its defaults.
        let printed = """
            pass in quick inet proto udp from 198.51.100.1 to 203.0.113.1 port = 500 keep state label "\(labels[0])"
            pass in quick inet proto udp from 198.51.100.1 to 203.0.113.1 port = 4500 keep state label "\(labels[0])"
            pass out quick inet proto udp from 203.0.113.1 to 198.51.100.1 port = 500 keep state label "\(labels[1])"
            pass out quick inet proto udp from 203.0.113.1 to 198.51.100.1 port = 4500 keep state label "\(labels[1])"

            """
        #expect(PFText.parts(printed) == labels)
        #expect(PFText.changed(printed, remove: [], add: [Example.ike()]) == printed)
        #expect(PFText.changed(printed, remove: [Example.ike()], add: []) == "")
    }

    @Test func `What translates is known by its tag, and stands before all else whenever it came`() {
        let (first, second) = (Example.masquerade("10.0.0.0/24"), Example.masquerade("fd00::/64"))
        // As pfctl prints it, with the kind of its pool.
        let printed = PFText.anchor([first]).dropLast() + " round-robin\n" + PFText.anchor([Example.traffic(0)])
        #expect(PFText.parts(printed) == [first, Example.traffic(0)].flatMap { $0.parts(with: .pf) })
        #expect(PFText.changed(printed, remove: [], add: [first]) == printed)
        let both = PFText.changed(printed, remove: [], add: [second])
        #expect(both.split(separator: "\n").map { $0.prefix(4) } == ["nat ", "nat ", "pass"])
        #expect(PFText.changed(both, remove: [first, second], add: []) == PFText.anchor([Example.traffic(0)]))
        #expect(PFText.parts("nat on em0 inet from any to any -> (em0)\nnat on em0 tag\n") == [])
    }

    @Test func `A line without a label is no part, and a change leaves it`() {
        let foreign = "block drop all\npass all label \"\nlabel \"open\n"
        #expect(PFText.parts(foreign) == [])
        #expect(PFText.changed(foreign, remove: [Example.ike()], add: []) == foreign)
    }
}
