// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("contracts of publishing", .timeLimit(.minutes(15)))
struct PublishContractTests {
    /// Whether one contract publishes a name of one part; the other parts are good under both.
    private struct Row: Sendable, CustomTestStringConvertible {
        let part: InvalidName.Part
        let text: String
        let documented: Bool
        let current: Bool

        var testDescription: String { "\(part.rawValue) \(text.quoted())" }

        init(_ part: InvalidName.Part, _ text: String, documented: Bool, current: Bool) {
            self.part = part
            self.text = text
            self.documented = documented
            self.current = current
        }

        func coordinate() throws -> FileCoordinate {
            FileCoordinate(
                owner: try OwnerName("alice"),
                package: try PackageName(part == .packageName ? text : "tool"),
                version: try PackageVersion(part == .packageVersion ? text : "1.0.0"),
                file: try FileName(part == .fileName ? text : "tool.bin")
            )
        }
    }

    private static let rows = [
        Row(.packageName, "tool", documented: true, current: true),
        Row(.packageName, "a-b_c.D9", documented: true, current: true),
        Row(.packageName, "c++", documented: false, current: true),
        Row(.packageName, "a", documented: true, current: true),
        Row(.packageName, "-", documented: true, current: false),
        Row(.packageName, "_", documented: true, current: false),
        Row(.packageName, "...", documented: true, current: true),
        Row(.fileName, "a-b_c.D9", documented: true, current: true),
        Row(.fileName, "-", documented: true, current: true),
        Row(.fileName, "a b", documented: false, current: true),
        Row(.fileName, "a+b", documented: false, current: true),
        Row(.fileName, "a:b", documented: false, current: true),
        Row(.packageVersion, "1.0.0", documented: true, current: true),
        Row(.packageVersion, "1.0.0-rc.1+b.7", documented: true, current: true),
        Row(.packageVersion, "1.0", documented: false, current: true),
        Row(.packageVersion, "v1.0.0", documented: false, current: true),
        Row(.packageVersion, "01.0.0", documented: false, current: true),
        Row(.packageVersion, "1.0.3-te st", documented: false, current: true),
    ]

    @Test("each contract publishes the names it allows", arguments: rows)
    private func names(row: Row) throws {
        let coordinate = try row.coordinate()
        for (contract, isAllowed) in [(PublishContract.documented, row.documented), (.current, row.current)] {
            if isAllowed {
                #expect(throws: Never.self) { try contract.check(coordinate) }
            } else {
                let error = #expect(throws: InvalidName.self) { try contract.check(coordinate) }
                #expect(error?.part == row.part)
                #expect(error?.value == row.text)
            }
        }
    }

    @Test("the package is checked before the file, and the file before the version")
    func order() throws {
        let file = FileCoordinate(
            owner: try OwnerName("alice"),
            package: try PackageName("c++"),
            version: try PackageVersion("1"),
            file: try FileName("a b")
        )
        let first = #expect(throws: InvalidName.self) { try PublishContract.documented.check(file) }
        #expect(first?.part == .packageName)
        let goodPackage = FileCoordinate(
            owner: file.owner,
            package: try PackageName("c"),
            version: file.version,
            file: file.file
        )
        let second = #expect(throws: InvalidName.self) { try PublishContract.documented.check(goodPackage) }
        #expect(second?.part == .fileName)
    }

    @Test("the documented contract publishes a version with one request and rejects every later one")
    func documented() {
        let contract = PublishContract(.documented)
        #expect(contract == .documented)
        #expect(contract.name == .documented)
        #expect(!contract.acceptsFurtherFiles)
        #expect(!contract.acceptsIdenticalRetry)
        #expect(!contract.reportsExistingAsConflict)
    }

    @Test("the current contract adds files one after another")
    func current() {
        let contract = PublishContract(.current)
        #expect(contract == .current)
        #expect(contract.name == .current)
        #expect(contract.acceptsFurtherFiles)
        #expect(contract.acceptsIdenticalRetry)
        #expect(contract.reportsExistingAsConflict)
    }

    @Test("the contracts have the names of the configuration")
    func configurationNames() {
        #expect(PublishContract.Name.allCases.map(\.rawValue) == ["documented", "current"])
    }
}
