// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("The latest version")
struct LatestVersionTests {
    static let rows: [([String], String?)] = [
        ([], nil),
        (["1.0.0"], "1.0.0"),
        (["9.0.0", "10.0.0", "2.0.0"], "10.0.0"),
        (["1.0.0", "2.0.0-rc.1"], "1.0.0"),
        (["1.0.0-alpha", "1.0.0-beta.11", "1.0.0-beta.2"], "1.0.0-beta.11"),
        (["1.0.0+a", "1.0.0+b"], "1.0.0+b"),
        (["nightly", "1.2.3", "snapshot"], "1.2.3"),
        (["2024-01", "2023-12"], "2023-12"),
        (["1.0", "v2.0.0"], "v2.0.0"),
        (["18446744073709551616.0.0", "9.0.0"], "18446744073709551616.0.0"),
    ]

    @Test("it is the highest release by SemVer, else the highest pre-release, else the last one", arguments: rows)
    func latest(_ versions: [String], _ expected: String?) throws {
        let index = LatestVersion.index(among: try versions.map { try PackageVersion($0) })
        #expect(index.map { versions[$0] } == expected)
    }
}
