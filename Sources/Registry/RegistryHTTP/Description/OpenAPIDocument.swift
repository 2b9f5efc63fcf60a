// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import Synchronization

/// The description of the interface as OpenAPI 3.1, generated from the server's route table.
package enum OpenAPIDocument {
    private static let made = Mutex<[String: [UInt8]]>([:])

    /// Returns the cached document for a registry that a proxy publishes below a path.
    package static func text(below path: String = "") -> [UInt8] {
        made.withLock { made in
            if let text = made[path] { return text }
            let text = make(of: Routes.all, below: path).document
            made[path] = text
            return text
        }
    }

    /// Generates the description of a table's routes.
    static func make(of routes: [Route], below path: String = "") -> JSONValue {
        let areas = InterfaceArea.allCases.filter { area in routes.contains { $0.endpoint.area == area } }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Granary", "version": .text(ProgramVersion.current),
                "summary": "A registry for generic packages.",
                "description": .text(introduction),
                "license": ["name": "Apache License 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": .text(path.isEmpty ? "/" : path)]],
            "tags": .array(areas.map { ["name": .text($0.rawValue), "description": .text($0.summary)] }),
            "paths": paths(of: routes),
            "components": ["securitySchemes": SecuritySchemes.document, "schemas": schemas(of: routes)],
        ]
    }

    private static let introduction =
        "Every GET route also answers HEAD, with the same status and headers and without the body. "
        + "A method that the path does not support receives 405 and `Allow`; an unknown path receives 404."

    private static func paths(of routes: [Route]) -> JSONValue {
        var endpoints: [Endpoint] = []
        for route in routes where !endpoints.contains(route.endpoint) { endpoints.append(route.endpoint) }
        return .object(
            endpoints.map { endpoint in
                let methods = routes.filter { $0.endpoint == endpoint }
                let operations = methods.map { JSONMember($0.method.rawValue.lowercased(), $0.operation) }
                return JSONMember(endpoint.template, .object(operations))
            }
        )
    }

    /// Returns all record and request schemas, in alphabetical order.
    private static func schemas(of routes: [Route]) -> JSONValue {
        let objects = routes.flatMap(\.schemas).reduce(into: [:]) { found, schema in
            found.merge(schema.objects) { first, _ in first }
        }
        return .object(objects.sorted { $0.key < $1.key }.map { JSONMember($0.key, JSONSchema.component($0.value)) })
    }
}

extension Route {
    /// The schemas of all JSON that the route receives or returns.
    fileprivate var schemas: [JSONSchema] {
        var found = allAnswers.flatMap { media(of: $0) }.compactMap { media -> JSONSchema? in
            if case .json(let schema) = media { schema } else { nil }
        }
        if case .json(let type) = document.body { found.append(type.schema) }
        return found
    }
}
