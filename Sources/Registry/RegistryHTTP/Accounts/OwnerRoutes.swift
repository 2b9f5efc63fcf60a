// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The publish settings of an owner: its contract, its limits and its usage.
package enum OwnerRoutes {
    @Sendable
    private static func owner(_ request: Request, context: RouteContext) async throws -> Response {
        Response(json: try await context.record(of: context.ownerToSee()))
    }

    @Sendable
    private static func edit(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.ownerToManage()
        let change = try OwnerSettingsChange(await context.body(EditOwnerRequest.self, of: request))
        if change.changesLimits { try Authorize.checkMayLimit(try await context.identify()) }
        let seen = try await context.again(named)
        try await context.services.ownerSettings.change(seen.owner, change)
        return Response(json: try await context.record(of: context.again(seen)))
    }

    @Sendable
    private static func usage(_ request: Request, context: RouteContext) async throws -> Response {
        let seen = try await context.ownerToSee()
        guard seen.permission(of: context.caller) >= .write else {
            throw RegistryError.forbidden(ForbiddenReason.readOnly.description)
        }
        let owned = try await context.services.ownerSettings.usage(of: seen.owner)
        let limits = LimitsRecord(fileSize: owned.fileSize, owned.quota)
        return Response(json: UsageRecord(owned.usage, of: seen.owner, limits: limits))
    }

    /// The routes of this area.
    package static let routes = [
        Route(
            .get,
            .owner,
            access: .anyone(.package),
            "Shows an owner's publish settings",
            details: """
                `contract` is the owner's own, or null for the server's default; `effective_contract` is the contract in force. \
                `limits` holds the owner's own limits: a number, -1 for no limit, or null for the server's default. `limits` is \
                null for callers without write access.
                """,
            answers: .record(OwnerRecord.self),
            handle: owner
        ),
        Route(
            .patch,
            .owner,
            access: .account(.package),
            "Changes an owner's publish settings; absent members stay unchanged",
            details: """
                The user itself, the Owners team and administrators may set the contract, with the scope `write:package`. Only \
                administrators may set limits; their access tokens also require `write:admin`. A change takes effect with the next \
                publish, on all nodes. It affects no published content: a limit below the current usage removes nothing.
                """,
            body: EditOwnerRequest.self,
            answers: .record(OwnerRecord.self),
            handle: edit
        ),
        Route(
            .get,
            .ownerUsage,
            access: .account(.package),
            "Shows an owner's usage, for callers with write access",
            details: """
                `size` counts identical content of several files once. `reserved_size` and `reserved_version_count` are reserved by \
                uploads in progress. `limits` holds the limits in force; null means no limit.
                """,
            answers: .record(UsageRecord.self),
            handle: usage
        ),
    ]
}

extension RouteContext {
    /// Returns the record of an owner, limited to what the caller may see.
    fileprivate func record(of seen: SeenOwner) async throws -> OwnerRecord {
        let owner = seen.owner
        let limits = seen.permission(of: caller) >= .write ? try await services.ownerSettings.limits(of: owner) : nil
        return OwnerRecord(owner, under: contract(of: owner), limits: limits)
    }
}

extension OwnerSettingsChange {
    fileprivate init(_ request: EditOwnerRequest) throws {
        self.init()
        contract = try request.contract.map(Self.contract)
        fileSize = try Self.limit("limits.file_size", request.limits?.fileSize)
        totalSize = try Self.limit("limits.total_size", request.limits?.totalSize)
        versionCount = try Self.limit("limits.version_count", request.limits?.versionCount)
    }

    private static func contract(_ member: Nullable<String>) throws -> PublishContract.Name? {
        if case .null = member { return nil }
        guard let name = member.value.flatMap({ PublishContract.Name(rawValue: $0) }) else {
            throw InvalidField("contract", "it must be documented, current or null")
        }
        return name
    }

    private static func limit(_ field: String, _ member: Nullable<Int64>?) throws -> OwnLimit? {
        switch member {
        case nil: return nil
        case .null?: return .standard
        case .value(let number)?:
            if let limit = OwnLimit(number: number) { return limit }
        case .other?: break
        }
        throw InvalidField(field, "it must be a whole number from 0, -1 for no limit, or null for the server's default")
    }
}
