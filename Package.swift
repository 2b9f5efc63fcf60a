// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Nothing outside Swift's toolchain is built from source: what others keep well comes from the system's packages.
// Folders and targets show the architecture: C libraries below the base, the base below the registry, the command on top.

/// For the driver of a C library, whose every line would be marked as unsafe, which marks none.
let driver: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
let strict = driver + [.strictMemorySafety()]

func cLibrary(_ name: String, pkgConfig: String? = nil, package: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/CLibraries/\(name)",
        pkgConfig: pkgConfig,
        providers: [.apt([package])]
    )
}

func base(_ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Base/\(name)", swiftSettings: settings)
}

func registry(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    _ settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Registry/\(name)", swiftSettings: settings)
}

func tests(
    _ layer: String,
    _ name: String,
    _ dependencies: [Target.Dependency],
    _ settings: [SwiftSetting] = strict
) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(layer)/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "granary",
    products: [.executable(name: "granary", targets: ["granary"])],
    dependencies: [],
    targets: [
        cLibrary("COpenSSL", pkgConfig: "openssl", package: "libssl-dev"),
        cLibrary("CNGHTTP2", pkgConfig: "libnghttp2", package: "libnghttp2-dev"),
        cLibrary("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        // Types and constants; the libraries are loaded at run time, where they are needed.
        cLibrary("CCurl", package: "libcurl4-openssl-dev"),
        cLibrary("CLibPQ", package: "libpq-dev"),
        cLibrary("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        cLibrary("CLinux", package: "libc6-dev"),

        base("Loops", ["CLinux"], driver),
        base("Files", ["Loops", "CLinux"], driver),
        base("Digests", ["COpenSSL"], driver),
        base("HTTPMessages"),
        base("CommandLine"),
        base("Log", ["CLinux"]),
        base("YAML", ["CYAML"], driver),
        base("HTTPClient", ["Loops", "HTTPMessages", "CCurl", "COpenSSL"], driver),
        base("HTTPServer", ["Loops", "Files", "HTTPMessages", "COpenSSL", "CNGHTTP2", "CLinux"], driver),

        registry("RegistryCore"),
        registry("RegistryAPI", ["RegistryCore"]),
        registry("RegistryStorage", ["RegistryCore", "Loops", "Files"]),
        registry("SQLiteDriver", ["RegistryCore", "RegistryStorage", "Loops", "CSQLite"], driver),
        registry("PostgresDriver", ["RegistryCore", "RegistryStorage", "Loops", "CLibPQ"], driver),
        registry("LocalBlobs", ["RegistryCore", "RegistryStorage", "Loops"]),
        registry(
            "S3Blobs",
            ["RegistryCore", "RegistryStorage", "HTTPClient", "HTTPMessages", "Digests", "Loops"]
        ),
        registry("RegistryMetadata", ["RegistryCore", "RegistryStorage"]),
        registry(
            "RegistryService",
            ["RegistryCore", "RegistryStorage", "RegistryMetadata", "Digests", "Loops"]
        ),
        registry(
            "RegistryHTTP",
            [
                "RegistryCore", "RegistryAPI", "RegistryStorage", "RegistryService", "HTTPMessages", "HTTPServer",
                "Log",
                "Loops",
            ]
        ),
        registry(
            "RegistryServer",
            [
                "RegistryCore", "RegistryAPI", "RegistryStorage", "RegistryMetadata", "RegistryService", "RegistryHTTP",
                "SQLiteDriver", "PostgresDriver", "LocalBlobs", "S3Blobs", "HTTPMessages", "HTTPServer", "HTTPClient",
                "Log", "Loops", "Files", "YAML",
            ]
        ),
        registry(
            "RegistryClient",
            ["RegistryCore", "RegistryAPI", "HTTPClient", "HTTPMessages", "Digests", "Loops", "Files"]
        ),
        .executableTarget(
            name: "granary",
            dependencies: [
                "RegistryCore", "RegistryAPI", "RegistryStorage", "RegistryMetadata", "RegistryService",
                "RegistryServer",
                "RegistryClient", "CommandLine", "HTTPClient", "Log", "Loops", "Files",
            ],
            path: "Sources/granary",
            swiftSettings: strict
        ),
        registry(
            "RegistryTestSupport",
            [
                "RegistryAPI", "RegistryCore", "RegistryHTTP", "RegistryMetadata", "RegistryServer", "RegistryService",
                "RegistryStorage", "SQLiteDriver", "PostgresDriver", "LocalBlobs", "S3Blobs", "Digests", "HTTPClient",
                "HTTPMessages",
                "HTTPServer", "Log", "Loops",
            ]
        ),

        tests("Base", "CommandLineTests", ["CommandLine"]),
        tests("Base", "LogTests", ["Log"]),
        tests("Base", "HTTPMessagesTests", ["HTTPMessages"]),
        tests("Base", "YAMLTests", ["YAML"]),
        // The tests of a driver are the other side of the same library.
        tests(
            "Base",
            "HTTPServerTests",
            ["HTTPServer", "HTTPMessages", "Loops", "COpenSSL", "CNGHTTP2", "CLinux"],
            driver
        ),
        tests("Base", "LoopsTests", ["Loops", "CLinux"], driver),
        tests("Base", "FilesTests", ["Files", "Loops"]),
        tests("Base", "DigestsTests", ["Digests"]),
        // Its servers are made of sockets and of OpenSSL.
        tests("Base", "HTTPClientTests", ["HTTPClient", "HTTPMessages", "COpenSSL"], driver),
        tests("Registry", "RegistryCoreTests", ["RegistryCore"]),
        tests(
            "Registry",
            "RegistryClientTests",
            ["RegistryClient", "RegistryCore", "RegistryAPI", "HTTPClient", "HTTPMessages", "Digests"]
        ),
        tests(
            "Registry",
            "S3BlobsTests",
            [
                "S3Blobs", "RegistryCore", "RegistryStorage", "RegistryTestSupport", "HTTPClient", "HTTPMessages",
                "Loops",
            ]
        ),
        tests(
            "Registry",
            "RegistryServiceTests",
            [
                "RegistryCore", "RegistryStorage", "RegistryMetadata", "RegistryService", "RegistryTestSupport",
                "Digests", "Loops",
            ]
        ),
        tests(
            "Registry",
            "SQLiteDriverTests",
            ["RegistryCore", "RegistryStorage", "RegistryTestSupport", "SQLiteDriver", "CSQLite"],
            driver
        ),
        tests(
            "Registry",
            "RegistryHTTPTests",
            [
                "RegistryCore", "RegistryAPI", "RegistryStorage", "RegistryMetadata", "RegistryService", "RegistryHTTP",
                "RegistryServer", "RegistryTestSupport", "HTTPMessages", "HTTPServer", "Log", "Loops",
            ]
        ),
        tests(
            "Registry",
            "RegistryServerTests",
            [
                "RegistryCore", "RegistryStorage", "RegistryMetadata", "RegistryService", "RegistryHTTP",
                "RegistryServer", "RegistryTestSupport", "PostgresDriver", "S3Blobs", "HTTPMessages", "HTTPServer",
                "Log",
                "Loops",
            ]
        ),
        tests("Registry", "RegistryAPITests", ["RegistryAPI", "RegistryCore", "RegistryTestSupport"]),
        tests(
            "Registry",
            "RegistryMetadataTests",
            ["RegistryCore", "RegistryStorage", "RegistryMetadata", "RegistryTestSupport"]
        ),
        tests(
            "Registry",
            "CommandTests",
            ["granary", "RegistryServer", "RegistryTestSupport", "CommandLine", "YAML"]
        ),
        tests(
            "Registry",
            "DriverConformanceTests",
            [
                "RegistryCore", "RegistryStorage", "RegistryMetadata", "RegistryTestSupport", "SQLiteDriver",
                "PostgresDriver", "LocalBlobs", "S3Blobs", "HTTPClient", "HTTPMessages", "Loops",
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// What `scripts/sanitize.sh` builds.
if Context.environment["GRANARY_BASE_ONLY"] != nil {
    package.targets.removeAll { target in
        target.path.map { $0.contains("/Registry/") || $0 == "Sources/granary" } ?? false
    }
    package.products = []
}

// Programs that only `scripts/fuzz.sh` and `scripts/compare-llhttp.sh` build: each is one file of `Fuzz`.
if Context.environment["GRANARY_FUZZ"] != nil {
    let stream = "HTTP1Stream"
    let targets = [
        "HTTP1": stream, "HTTP1Verdicts": stream, "ProxyHeader": "HTTPServer", "XML": "S3Blobs", "YAML": "YAML",
        "CommandLine": "CommandLine",
    ]
    func others(than file: String) -> [String] {
        ["corpus", "llhttp", "Mutations"] + (targets.keys + [stream]).filter { $0 != file }.map { "\($0).swift" }
    }
    package.targets.append(
        .target(
            name: stream,
            dependencies: ["HTTPServer", "HTTPMessages"],
            path: "Fuzz",
            exclude: others(than: stream),
            swiftSettings: driver
        )
    )
    // Its own program: a server and those who talk to it. `scripts/mutations.sh` builds it.
    package.targets.append(
        .executableTarget(
            name: "Mutations",
            dependencies: ["HTTPServer", "HTTPMessages", "Loops", "COpenSSL", "CNGHTTP2"],
            path: "Fuzz/Mutations",
            swiftSettings: driver
        )
    )
    // What is not ported yet is not attacked yet.
    for (file, target) in targets where package.targets.contains(where: { $0.name == target }) {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(file)",
                dependencies: [.target(name: target)],
                path: "Fuzz",
                exclude: others(than: file),
                swiftSettings: driver
            )
        )
    }
}
