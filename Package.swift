// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let language: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

// Libraries by the name the code imports, so that a target's line below reads like its import list.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioConcurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationEssentialsCompat", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "granary",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "granary", targets: ["granary"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "RegistryCore"),
        .target(name: "RegistryAPI", dependencies: ["RegistryCore"]),
        .target(name: "RegistryStorage", dependencies: ["RegistryCore", nioCore, nioPosix]),
        .target(name: "SQLiteDriver", dependencies: ["RegistryStorage", grdb, nioPosix]),
        // Types and constants of libpq; the library is loaded at run time, where it is needed.
        .systemLibrary(name: "CLibPQ"),
        .target(
            name: "PostgresDriver",
            dependencies: ["CLibPQ", "RegistryStorage", nioConcurrencyHelpers, nioPosix]
        ),
        .target(name: "LocalBlobs", dependencies: ["RegistryStorage", nioCore, nioPosix]),
        .target(
            name: "S3Blobs",
            dependencies: ["RegistryStorage", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix]
        ),
        .target(name: "RegistryMetadata", dependencies: ["RegistryStorage"]),
        .target(
            name: "RegistryService",
            dependencies: ["RegistryMetadata", crypto, cryptoExtras, logging, nioCore, nioPosix]
        ),
        .target(
            name: "RegistryHTTP",
            dependencies: [
                "RegistryService", "RegistryAPI", hummingbird, hummingbirdCore, hummingbirdHTTP2, httpTypes,
                logging, nioCore, nioFoundation, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioSSL, nioTLS,
                serviceLifecycle,
            ]
        ),
        .target(
            name: "RegistryServer",
            dependencies: [
                "RegistryHTTP", "SQLiteDriver", "PostgresDriver", "LocalBlobs", "S3Blobs", asyncHTTPClient, httpTypes,
                hummingbird, hummingbirdCore, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle, unixSignals, yams,
            ]
        ),
        .target(
            name: "RegistryClient",
            dependencies: ["RegistryAPI", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix]
        ),
        .executableTarget(
            name: "granary",
            dependencies: ["RegistryServer", "RegistryClient", argumentParser]
        ),
        .target(
            name: "RegistryTestSupport",
            dependencies: [
                "RegistryMetadata", "SQLiteDriver", "PostgresDriver", "LocalBlobs", "S3Blobs", crypto, nioCore,
                nioPosix,
            ]
        ),
        .testTarget(name: "RegistryCoreTests", dependencies: ["RegistryCore"]),
        .testTarget(
            name: "DriverConformanceTests",
            dependencies: [
                "RegistryTestSupport", "PostgresDriver", "LocalBlobs", "S3Blobs", asyncHTTPClient, nioCore, nioHTTP1,
                nioPosix,
            ]
        ),
        .testTarget(name: "S3BlobsTests", dependencies: ["S3Blobs", "RegistryTestSupport", nioHTTP1]),
        .testTarget(
            name: "RegistryServiceTests",
            dependencies: ["RegistryTestSupport", "RegistryService", crypto, nioCore, nioPosix]
        ),
        .testTarget(
            name: "RegistryHTTPTests",
            dependencies: [
                "RegistryHTTP", "RegistryTestSupport", httpTypes, hummingbird, nioCore, nioEmbedded, nioHTTP1,
                nioHTTPTypes, nioHTTPTypesHTTP1,
            ]
        ),
        .testTarget(
            name: "RegistryServerTests",
            dependencies: ["RegistryServer", "RegistryTestSupport", "PostgresDriver", "S3Blobs", logging, nioCore]
        ),
        .testTarget(
            name: "RegistryClientTests",
            dependencies: ["RegistryClient", asyncHTTPClient, crypto, nioCore, nioHTTP1]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    // Every line of the driver of a C library would be marked, which marks none.
    target.swiftSettings = target.name == "PostgresDriver" ? language : language + [.strictMemorySafety()]
}
