import Testing
import Wire

@testable import aifw_apid

@Suite struct FarEndTests {
    // MARK: Whole texts

    @Test func `A script for Linux has all that the far end needs, from its point of view`() throws {
        let farEnd = try farEnd(localNetworks: "10.1.0.0/24, fd01::/64", remoteNetworks: "10.2.0.0/16, fd02::/64")
        #expect(
            text(FarEndScript(farEnd: farEnd).text) == """
                #!/bin/sh
                # Far end of the IPsec association 5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10 of AiFw VPN.
                # This host is 192.0.2.2, the other one 192.0.2.1.
                #
                # IT HOLDS KEYS: let nobody but root read it. It needs iproute2 (ip-xfrm(8)) and runs as root, at each start of
                # this host; run again, it replaces what it installed before, and with the word "remove" it only takes that
                # away. The firewall of this host must let IP protocol 50 pass between the two.
                set -eu

                # What it installed before is known by its request id; nothing else is touched.
                forget() {
                    ip -o xfrm policy list | while read -r _ source _ destination _ _ direction rest; do
                        case $rest in
                            *" reqid 2132761104 "*) ip xfrm policy delete dir "$direction" src "$source" dst "$destination" ;;
                        esac
                    done
                    ip xfrm state deleteall reqid 2132761104
                }

                forget
                [ "${1-}" != remove ] || exit 0
                ip -batch - <<'END' || { forget; echo "$0: refused; nothing is installed" >&2; exit 1; }
                xfrm state add src 192.0.2.2 dst 192.0.2.1 proto esp spi 0x1001 reqid 2132761104 mode tunnel replay-window 0 \
                flag af-unspec aead rfc4106(gcm(aes)) 0x\(digits(36, 0x11)) 128
                xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0xf0002002 reqid 2132761104 mode tunnel replay-window 0 \
                flag af-unspec aead rfc4106(gcm(aes)) 0x\(digits(36, 0x22)) 128
                xfrm policy add src 10.2.0.0/16 dst 10.1.0.0/24 dir out priority 11403736 \
                tmpl src 192.0.2.2 dst 192.0.2.1 proto esp reqid 2132761104 mode tunnel
                xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/16 dir in priority 11403736 \
                tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 2132761104 mode tunnel
                xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/16 dir fwd priority 11403736 \
                tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 2132761104 mode tunnel
                xfrm policy add src fd02::/64 dst fd01::/64 dir out priority 11403648 \
                tmpl src 192.0.2.2 dst 192.0.2.1 proto esp reqid 2132761104 mode tunnel
                xfrm policy add src fd01::/64 dst fd02::/64 dir in priority 11403648 \
                tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 2132761104 mode tunnel
                xfrm policy add src fd01::/64 dst fd02::/64 dir fwd priority 11403648 \
                tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 2132761104 mode tunnel
                END

                """)
    }

    @Test func `A file for setkey has the same in its words`() throws {
        let farEnd = try farEnd(
            .espAndAH, encryption: .aes256CBC, localNetworks: "10.1.0.0/24", remoteNetworks: "10.2.0.0/16", window: 9)
        #expect(
            text(FarEndSetkey(farEnd: farEnd).text) == """
                # Far end of the IPsec association 5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10 of AiFw VPN.
                # This host is 192.0.2.2, the other one 192.0.2.1.
                #
                # IT HOLDS KEYS: let nobody but root read it. Load it by "setkey -f FILE" as root, at each start of this host;
                # where there is nothing to delete yet, setkey says "No entry" and goes on.

                spddelete 10.2.0.0/16 10.1.0.0/24 any -P out;
                spddelete 10.1.0.0/24 10.2.0.0/16 any -P in;
                delete 192.0.2.2 192.0.2.1 esp 0x1001;
                delete 192.0.2.2 192.0.2.1 ah 0x1001;
                delete 192.0.2.1 192.0.2.2 esp 0xf0002002;
                delete 192.0.2.1 192.0.2.2 ah 0xf0002002;

                add 192.0.2.2 192.0.2.1 esp 0x1001 -m tunnel -u 7 -r 2 -E rijndael-cbc 0x\(digits(32, 0x11)) \
                -A hmac-sha2-256 0x\(digits(32, 0x33));
                add 192.0.2.2 192.0.2.1 ah 0x1001 -m transport -u 7 -r 2 -A hmac-sha2-256 0x\(digits(32, 0x33));
                add 192.0.2.1 192.0.2.2 esp 0xf0002002 -m tunnel -u 7 -r 2 -E rijndael-cbc 0x\(digits(32, 0x22)) \
                -A hmac-sha2-256 0x\(digits(32, 0x44));
                add 192.0.2.1 192.0.2.2 ah 0xf0002002 -m transport -u 7 -r 2 -A hmac-sha2-256 0x\(digits(32, 0x44));
                spdadd 10.2.0.0/16 10.1.0.0/24 any -P out ipsec esp/tunnel/192.0.2.2-192.0.2.1/unique:7 ah/transport//unique:7;
                spdadd 10.1.0.0/24 10.2.0.0/16 any -P in ipsec esp/tunnel/192.0.2.1-192.0.2.2/unique:7 ah/transport//unique:7;

                """)
    }

    @Test func `A body for the AiFw at the far end is its mirror`() throws {
        let farEnd = try farEnd(
            .espAndAH, encryption: .aes256CBC, localNetworks: "10.1.0.0/24, 10.3.0.0/24",
            remoteNetworks: "10.2.0.0/16", window: 9)
        let expected: JSON = [
            "name": "office \"1\"", "src_addr": "192.0.2.2", "dst_addr": "192.0.2.1", "protocol": "esp+ah",
            "mode": "tunnel", "enc_algo": "aes-256-cbc", "auth_algo": "hmac-sha256", "src_networks": ["10.2.0.0/16"],
            "dst_networks": ["10.1.0.0/24", "10.3.0.0/24"], "spi_in": 0xF000_2002, "spi_out": 0x1001,
            "enc_key_in": .text(digits(32, 0x22)), "auth_key_in": .text(digits(32, 0x44)),
            "enc_key_out": .text(digits(32, 0x11)), "auth_key_out": .text(digits(32, 0x33)), "replay_window": 9,
        ]
        #expect(try JSONParser.parse(FarEndJSON(farEnd: farEnd).text) == expected)
    }

    // MARK: Every kind

    @Test(
        arguments: [
            (.aes256GCM, 36, "aead rfc4106(gcm(aes))", "aes-gcm-16"),
            (.aes128GCM, 20, "aead rfc4106(gcm(aes))", "aes-gcm-16"),
            (.chacha20Poly1305, 36, "aead rfc7539esp(chacha20,poly1305)", "chacha20-poly1305"),
        ] as [(EncryptionAlgorithm, Int, String, String)])
    func `A cipher that authenticates has one key, its salt at the end`(
        cipher: EncryptionAlgorithm, length: Int, linux: String, bsd: String
    ) throws {
        let farEnd = try farEnd(mode: .transport, encryption: cipher)
        let script = lines(FarEndScript(farEnd: farEnd).text, "xfrm state add")
        #expect(script.map { $0.hasSuffix(" \(linux) 0x\(digits(length, 0x11)) 128") } == [true, false])
        #expect(script.map { $0.hasSuffix(" \(linux) 0x\(digits(length, 0x22)) 128") } == [false, true])
        let setkey = lines(FarEndSetkey(farEnd: farEnd).text, "add")
        #expect(setkey.map { $0.hasSuffix(" -E \(bsd) 0x\(digits(length, 0x11));") } == [true, false])
        let json = try JSONParser.parse(FarEndJSON(farEnd: farEnd).text)
        #expect(json["enc_algo"] == cipher.json && json["auth_algo"] == nil && json["auth_key_in"] == nil)
        #expect(json["enc_key_out"] == .text(digits(length, 0x11)))
        #expect(text(FarEndSetkey(farEnd: farEnd).text).contains("older setkey") == (cipher == .chacha20Poly1305))
        #expect(text(FarEndSetkey(farEnd: farEnd).text).contains("# No nonce may come twice") == cipher.isAuthenticated)
    }

    @Test(
        arguments: [
            (.hmacSHA256, 32, "hmac(sha256)", 128, "hmac-sha2-256"),
            (.hmacSHA384, 48, "hmac(sha384)", 192, "hmac-sha2-384"),
            (.hmacSHA512, 64, "hmac(sha512)", 256, "hmac-sha2-512"),
        ] as [(AuthenticationAlgorithm, Int, String, Int, String)], IPsecProtection.allCases)
    func `An HMAC has a key as long as its hash, and half of it is sent`(
        hash: (AuthenticationAlgorithm, Int, String, Int, String), protection: IPsecProtection
    ) throws {
        let (algorithm, length, linux, bits, bsd) = hash
        let farEnd = try farEnd(protection, mode: .transport, encryption: .aes256CBC, authentication: algorithm)
        for line in lines(FarEndScript(farEnd: farEnd).text, "xfrm state add src 192.0.2.2") {
            let cipher = line.contains("proto esp") ? " enc cbc(aes) 0x\(digits(32, 0x11))" : ""
            #expect(line.hasSuffix(" replay-window 0\(cipher) auth-trunc \(linux) 0x\(digits(length, 0x33)) \(bits)"))
        }
        for line in lines(FarEndSetkey(farEnd: farEnd).text, "add 192.0.2.2") {
            let cipher = line.contains(" esp ") ? " -E rijndael-cbc 0x\(digits(32, 0x11))" : ""
            #expect(line.hasSuffix(" -u 7\(cipher) -A \(bsd) 0x\(digits(length, 0x33));"))
        }
        let json = try JSONParser.parse(FarEndJSON(farEnd: farEnd).text)
        #expect(json["auth_algo"] == algorithm.json && json["auth_key_in"] == .text(digits(length, 0x44)))
        #expect((json["enc_key_in"] == nil) == (protection == .ah))
        #expect((json["enc_algo"] == nil) == (protection == .ah))
    }

    @Test(arguments: IPsecProtection.allCases, IPsecMode.allCases)
    func `Protocols, modes and families come out as they are`(protection: IPsecProtection, mode: IPsecMode) throws {
        let farEnd = try farEnd(
            protection, mode: mode, local: "2001:db8::1", remote: "2001:db8::2",
            localNetworks: mode == .tunnel ? "fd01::/64" : nil, remoteNetworks: mode == .tunnel ? "fd02::/64" : nil)
        let words = protection.protocols.map { layer in
            (layer.rawValue, protection == .espAndAH && layer == .ah ? "transport" : mode.rawValue)
        }
        let states = lines(FarEndScript(farEnd: farEnd).text, "xfrm state add")
        #expect(
            states.map { $0.split(separator: " ").prefix(13).joined(separator: " ") }
                == [("2001:db8::2", "2001:db8::1", "0x1001"), ("2001:db8::1", "2001:db8::2", "0xf0002002")].flatMap {
                    source, destination, spi in
                    words.map { layer, mode in
                        "xfrm state add src \(source) dst \(destination) proto \(layer) spi \(spi) reqid 2132761104"
                    }
                })
        #expect(states.allSatisfy { $0.contains(" flag af-unspec ") == $0.contains(" mode tunnel ") })
        #expect(states.map { $0.contains(" mode tunnel ") } == (words + words).map { $0.1 == "tunnel" })
        let (own, far) = mode == .tunnel ? ("fd01::/64", "fd02::/64") : ("2001:db8::1/128", "2001:db8::2/128")
        func policy(_ direction: String, _ source: String, _ destination: String, _ from: String, _ to: String)
            -> String
        {
            "xfrm policy add src \(source) dst \(destination) dir \(direction) priority "
                + "\(mode == .tunnel ? 11_403_648 : 11_403_520) "
                + words.map { "tmpl src \(from) dst \(to) proto \($0.0) reqid 2132761104 mode \($0.1)" }
                .joined(separator: " ")
        }
        var policies = [
            policy("out", far, own, "2001:db8::2", "2001:db8::1"), policy("in", own, far, "2001:db8::1", "2001:db8::2"),
        ]
        if mode == .tunnel { policies.append(policy("fwd", own, far, "2001:db8::1", "2001:db8::2")) }
        #expect(lines(FarEndScript(farEnd: farEnd).text, "xfrm policy add") == policies)
        let requests = words.map { layer, mode in
            "\(layer)/\(mode)/\(mode == "tunnel" ? "2001:db8::2-2001:db8::1" : "")/unique:7"
        }
        #expect(
            lines(FarEndSetkey(farEnd: farEnd).text, "spdadd").first
                == "spdadd \(far) \(own) any -P out ipsec \(requests.joined(separator: " "));")
        let json = try JSONParser.parse(FarEndJSON(farEnd: farEnd).text)
        #expect(json["protocol"] == .text(protection.rawValue) && json["mode"] == .text(mode.rawValue))
        #expect(json["src_networks"] == (mode == .tunnel ? ["fd02::/64"] : nil))
    }

    @Test func `Keys that are missing or too long make no far end`() throws {
        let record = try record()
        #expect(FarEnd(of: record.terms, keys: [:]) == nil)
        #expect(FarEnd(of: record.terms, keys: [.encryptionIn: secret(36, 1)]) == nil)
        #expect(FarEnd(of: record.terms, keys: [.encryptionIn: secret(36, 1), .encryptionOut: secret(32, 1)]) == nil)
        #expect(
            FarEnd(
                of: record.terms,
                keys: [.encryptionIn: secret(36, 1), .encryptionOut: secret(36, 2), .authenticationIn: secret(32, 3)])
                == nil)
    }

    @Test(arguments: [
        (1, 1), (16383, 16383), (16384, 1), (16_777_215, 1023),
    ]) func `What setkey binds policies by is one of its numbers`(number: Int, identifier: Int) throws {
        let farEnd = try farEnd(number: number)
        #expect(text(FarEndSetkey(farEnd: farEnd).text).contains(" -u \(identifier) "))
        #expect(text(FarEndSetkey(farEnd: farEnd).text).contains("/unique:\(identifier);"))
    }

    // MARK: Parts

    private func record(
        _ protection: IPsecProtection = .esp, mode: IPsecMode = .tunnel, encryption: EncryptionAlgorithm = .aes256GCM,
        authentication: AuthenticationAlgorithm = .hmacSHA256, local: String = "192.0.2.1",
        remote: String = "192.0.2.2", localNetworks: String? = nil, remoteNetworks: String? = nil, window: UInt8 = 0,
        number: Int = 7
    ) throws -> AssociationRecord {
        var record = AssociationRecord(
            id: try ObjectID("5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10"), number: try AssociationNumber(number),
            name: try ObjectName("office \"1\""), local: try IPAddress(local), remote: try IPAddress(remote),
            spiIn: try SPI(0x1001), spiOut: try SPI(0xF000_2002), keys: AssociationKeys())
        record.protection = protection
        record.mode = mode
        record.encryption = encryption
        record.authentication = authentication
        record.localNetworks = try localNetworks.map { try NetworkList($0) }
        record.remoteNetworks = try remoteNetworks.map { try NetworkList($0) }
        record.replayWindow = ReplayWindow(validated: window)
        return record
    }

    /// What comes in here has keys of 0x11 and 0x33, what goes out 0x22 and 0x44.
    private func farEnd(
        _ protection: IPsecProtection = .esp, mode: IPsecMode = .tunnel, encryption: EncryptionAlgorithm = .aes256GCM,
        authentication: AuthenticationAlgorithm = .hmacSHA256, local: String = "192.0.2.1",
        remote: String = "192.0.2.2", localNetworks: String? = nil, remoteNetworks: String? = nil, window: UInt8 = 0,
        number: Int = 7
    ) throws -> FarEnd {
        let record = try record(
            protection, mode: mode, encryption: encryption, authentication: authentication, local: local,
            remote: remote, localNetworks: localNetworks, remoteNetworks: remoteNetworks, window: window, number: number
        )
        var keys: [AssociationKeySlot: Secret] = [:]
        for (slot, byte) in zip(AssociationKeySlot.allCases, [0x11, 0x22, 0x33, 0x44] as [UInt8]) {
            keys[slot] = record.keyLength(of: slot).map { secret($0, byte) }
        }
        return try #require(FarEnd(of: record.terms, keys: keys))
    }

    private func secret(_ length: Int, _ byte: UInt8) -> Secret {
        Secret(Bytes(Array(repeating: byte, count: length)))!
    }

    private func digits(_ length: Int, _ byte: UInt8) -> String {
        String(repeating: String(byte, radix: 16), count: length)
    }

    private func text(_ bytes: Bytes) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    private func lines(_ bytes: Bytes, _ start: String) -> [String] {
        text(bytes).split(separator: "\n").map(String.init).filter { $0.hasPrefix(start + " ") || $0.hasPrefix(start) }
    }
}
