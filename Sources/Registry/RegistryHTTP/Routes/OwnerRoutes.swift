// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import RegistryService

/// The publish settings of an owner: its contract, its limits and its usage.
package enum OwnerRoutes {
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

    @Sendable
    private static func owner(_ request: Request, context: RouteContext) async throws -> Response {
        Response(json: try await context.record(of: context.authorizeToSee(context.path.owner())))
    }

    @Sendable
    private static func edit(_ request: Request, context: RouteContext) async throws -> Response {
        let named = try await context.authorizeToManage(context.path.owner())
        let change = try OwnerSettingsChange(await context.body(EditOwnerRequest.self, of: request))
        if change.changesLimits { try Self.checkAdministers(try await context.identify()) }
        let seen = try await context.authorizeAgain(named)
        try await context.services.ownerSettings.change(seen.owner, change)
        return Response(json: try await context.record(of: context.authorizeAgain(seen)))
    }

    @Sendable
    private static func usage(_ request: Request, context: RouteContext) async throws -> Response {
        let seen = try await context.authorizeToSee(context.path.owner())
        guard context.mayWrite(seen) else { throw RegistryError.forbidden(ForbiddenReason.readOnly.description) }
        let owned = try await context.services.ownerSettings.usage(of: seen.owner)
        let limits = LimitsRecord(fileSize: owned.fileSize, owned.quota)
        return Response(json: UsageRecord(owned.usage, of: seen.owner, limits: limits))
    }

    /// Rejects callers other than registry administrators; an access token also needs the administration scope.
    private static func checkAdministers(_ actor: Actor) throws {
        guard actor.account?.isAdministrator == true else {
            throw RegistryError.forbidden("only administrators may change limits: ask an administrator")
        }
        guard actor.scopes?.contains(.write(.admin)) ?? true else {
            throw RegistryError.forbidden(ForbiddenReason.missingScope(.write(.admin)).description)
        }
    }
}

extension RouteContext {
    fileprivate func mayWrite(_ seen: SeenOwner) -> Bool {
        AccessPolicy.permission(of: actor, on: seen.access) >= .write
    }

    /// Returns the record of an owner, limited to what the actor may see.
    fileprivate func record(of seen: SeenOwner) async throws -> OwnerRecord {
        let owner = seen.owner
        let limits = mayWrite(seen) ? try await services.ownerSettings.limits(of: owner) : nil
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
