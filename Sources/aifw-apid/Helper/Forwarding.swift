import Wire

/// Whether this host passes packets on from one interface to another (ip-sysctl.rst of the kernel's documentation).
enum Forwarding {
    /// What turns it on, in the words of sysctl(8).
    static func setting(for family: IPAddress.Family) -> String {
        switch family {
        case .v4: "net.ipv4.ip_forward=1"
        case .v6: "net.ipv6.conf.all.forwarding=1"
        }
    }

    /// False where the kernel does not say, as one without that family.
    ///
    /// - Parameter root: the folder of the settings.
    static func isOff(_ family: IPAddress.Family, under root: String = "/proc/sys") -> Bool {
        let name = setting(for: family).prefix { $0 != "=" }
        let path = ([root] + name.split(separator: ".").map(String.init)).joined(separator: "/")
        return PrivateFile.read(path)?.first == "0"
    }
}
