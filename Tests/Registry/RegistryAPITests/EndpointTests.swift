// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore
import Testing

@Suite("Paths", .timeLimit(.minutes(15)))
struct EndpointTests {
    private func file(_ version: String, _ name: String) throws -> FileCoordinate {
        FileCoordinate(
            owner: try OwnerName("tools"),
            package: try PackageName("hello+world"),
            version: try PackageVersion(version),
            file: try FileName(name)
        )
    }

    @Test("a built path percent-encodes each segment and is parsed back by its own endpoint alone")
    func roundTrip() throws {
        let file = try file("1.0.0 beta#1?", "a b%20c.txt")
        let path = Endpoint.path(to: file)
        let segments = try #require(Endpoint.genericFile.segments(of: path))
        #expect(!path.contains(" ") && !path.contains("#") && !path.contains("?"))
        #expect(try percentDecoded(#require(segments["file_name"])) == "a b%20c.txt")
        #expect(try percentDecoded(#require(segments["package_version"])) == "1.0.0 beta#1?")
        #expect(segments["owner"] == "tools")
        #expect(Endpoint.allCases.filter { $0.matches(path) } == [.genericFile])
    }

    @Test(
        "each builder fills its own template",
        arguments: [
            (Endpoint.genericVersion, "/api/packages/tools/generic/hello/1.0.0"),
            (Endpoint.version, "/api/granary/v1/packages/tools/hello/1.0.0"),
            (Endpoint.versions, "/api/granary/v1/packages/tools/hello"),
            (Endpoint.packages, "/api/granary/v1/packages/tools"),
        ]
    )
    func builders(endpoint: Endpoint, expected: String) throws {
        let package = PackageCoordinate(owner: try OwnerName("tools"), package: try PackageName("hello"))
        let version = VersionCoordinate(
            owner: package.owner,
            package: package.package,
            version: try PackageVersion("1.0.0")
        )
        let built =
            switch endpoint {
            case .genericVersion: Endpoint.path(to: version)
            case .version: Endpoint.path(toRecordOf: version)
            case .versions: Endpoint.path(toVersionsOf: package)
            default: Endpoint.path(toPackagesOf: package.owner)
            }
        #expect(built == expected)
        #expect(Endpoint.allCases.filter { $0.matches(built) } == [endpoint])
    }

    @Test(
        "a path of another shape does not match",
        arguments: [
            "/api/packages/o/generic/p/1/", "/api/packages/o/generic/p//f", "/api/packages/o/maven/p/1/f",
            "api/packages/o/generic/p/1/f", "/api/packages/o/generic/p/1/f/g", "", "/",
        ]
    )
    func otherShapes(path: String) {
        #expect(!Endpoint.genericFile.matches(path))
        #expect(path == "/api/packages/o/generic/p/1/" || !Endpoint.genericVersion.matches(path))
    }

    @Test("a query is no part of the path")
    func query() {
        #expect(Endpoint.health.matches("/healthz?verbose=1/2"))
        #expect(Endpoint.packages.segments(of: "/api/granary/v1/packages/o?after=a/b")?["owner"] == "o")
    }

    @Test("the key of a page survives a query")
    func pageRequest() {
        #expect(PageRequest(limit: 5).query == "limit=5")
        #expect(PageRequest(limit: 5, after: "a+b&c=é").query == "limit=5&after=a%2Bb%26c%3D%C3%A9")
    }
}
