// SPDX-License-Identifier: Apache-2.0

import RegistryAPI
import RegistryCore

/// A parameter in a path template, with its schema and its example.
struct PathParameter: Sendable {
    let name: String
    let schema: JSONSchema
    let summary: String
    let example: String

    private init(_ name: String, _ schema: JSONSchema, _ summary: String, example: String) {
        self.name = name
        self.schema = schema
        self.summary = summary
        self.example = example
    }

    /// All parameters that templates use.
    static let all = [
        PathParameter("owner", .name(OwnerName.pattern), "The name of a user or an organization", example: "acme"),
        PathParameter("package_name", .name(PackageName.pattern), "The name of a package", example: "hello"),
        PathParameter("package_version", version, "The version, as published", example: "1.0.0"),
        PathParameter("file_name", .name(FileName.pattern), "The name of a file", example: "hello.txt"),
        PathParameter(
            "upload",
            .hexadecimal(32),
            "The identifier at the end of the upload's URL",
            example: exampleUpload
        ),
        PathParameter("username", .name(OwnerName.pattern), "The name of a user", example: "robin"),
        PathParameter("org", .name(OwnerName.pattern), "The name of an organization", example: "acme"),
        PathParameter("id", .number, "The ID of a team", example: "2"),
        PathParameter("token", .text, "The ID or name of an access token", example: "ci"),
        PathParameter(
            "type",
            .word(["generic", "all"]),
            "The package type; the only type is `generic`",
            example: "generic"
        ),
        PathParameter("name", .name(PackageName.pattern), "The name of a package", example: "hello"),
        PathParameter("version", version, "The version, as published", example: "1.0.0"),
    ]

    private static let exampleUpload = "5f0c2d9ab7e14c6d8a3f61b2907e4d15"

    /// Apart from the length, the contract determines which versions are valid.
    private static let version = JSONSchema.shortText(PackageVersion.maximumByteCount)

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Returns the parameter with a name.
    static func named(_ name: String) -> PathParameter {
        guard let parameter = byName[name] else {
            preconditionFailure("{\(name)} stands in a path and not in the list of path parameters")
        }
        return parameter
    }
}

extension Endpoint {
    /// The parameters of the path, from left to right.
    var pathParameters: [PathParameter] { parameters.map(PathParameter.named) }

    /// Whether the path begins with an owner, which may have been renamed.
    var namesOwner: Bool { parameters.first.map { ["owner", "username", "org"].contains($0) } ?? false }
}
