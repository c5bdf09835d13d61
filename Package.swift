// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with: Swift 6 mode, imports that say what leaks, no warning let through.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// The dependency lists below are the wall, as far as a linker can hold it: nothing that speaks to the network or to a
// database can be reached from the helper, nothing that reaches the kernel from the API daemon.
let package = Package(
    name: "aifw-vpn",
    products: [
        .executable(name: "aifw-privd", targets: ["aifw-privd"]),
        .executable(name: "aifw-launcher", targets: ["aifw-launcher"]),
        .executable(name: "aifw-apid", targets: ["aifw-apid"]),
        .executable(name: "aifw", targets: ["aifw"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // MARK: System libraries and macro shims, no logic
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CNftables", pkgConfig: "libnftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CQrencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // MARK: The files of the web page, as bytes in the program, no logic
        .target(name: "CPage", cSettings: [.treatAllWarnings(as: .error)]),

        // MARK: The contract between the two daemons
        .target(name: "Wire", swiftSettings: house),

        // MARK: Pass rules as pf and nftables take them: values in, text out
        .target(name: "FilterRules", dependencies: ["Wire"], swiftSettings: house),

        // MARK: What is said to the kernel and to wireguard-go, without a socket: bytes in, values out
        .target(name: "KernelMessages", dependencies: ["Wire", "CLinux", "CMnl"], swiftSettings: house),

        // MARK: Configurations as QR codes, for the API and the command line
        .target(name: "QR", dependencies: ["Wire", "CQrencode"], swiftSettings: house),

        // MARK: What the privileged programs begin with: the socket, the account, the cage
        .target(name: "Daemon", dependencies: ["Wire", "CLinux", "CCap", "CSeccomp"], swiftSettings: house),

        // MARK: The root helper
        .executableTarget(
            name: "aifw-privd",
            dependencies: [
                "Wire", "KernelMessages", "FilterRules", "Daemon", "CLinux", "CCap", "CMnl", "CNftables", "CSodium",
            ],
            swiftSettings: house),

        // MARK: The one program that can start another one: wireguard-go
        .executableTarget(
            name: "aifw-launcher", dependencies: ["Daemon", "CLinux", "CCap"], swiftSettings: house),

        // MARK: The daemon that faces the network
        .executableTarget(
            name: "aifw-apid",
            dependencies: [
                "Wire", "Daemon", "FilterRules", "QR", "CPage", "CSodium", "CZlib",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["Page/files"],
            swiftSettings: house),

        // MARK: The command line, a client of the REST API and nothing else
        .executableTarget(
            name: "aifw",
            dependencies: ["Wire", "QR", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: house),

        // MARK: Tests; those that need root, namespaces or a browser are in Tests/System and are run by packaging/test
        .testTarget(name: "WireTests", dependencies: ["Wire"], exclude: ["Golden"], swiftSettings: house),
        .testTarget(
            name: "KernelMessagesTests", dependencies: ["KernelMessages", "Wire", "CLinux"], swiftSettings: house),
        .testTarget(name: "FilterRulesTests", dependencies: ["FilterRules", "Wire"], swiftSettings: house),
        .testTarget(name: "QRTests", dependencies: ["QR", "Wire"], swiftSettings: house),
        .testTarget(name: "DaemonTests", dependencies: ["Daemon", "CCap", "CLinux"], swiftSettings: house),
        .testTarget(
            name: "aifw-privdTests",
            dependencies: ["aifw-privd", "aifw-launcher", "KernelMessages", "FilterRules", "Daemon", "Wire"],
            swiftSettings: house),
        .testTarget(
            name: "aifw-apidTests",
            dependencies: [
                "aifw-apid", "CCap", "CPage", "CSodium", "FilterRules", "QR", "Wire",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: house),
        .testTarget(name: "aifwTests", dependencies: ["aifw", "QR", "Wire"], swiftSettings: house),
    ],
    // C23, which has #embed.
    cLanguageStandard: .gnu2x
)
