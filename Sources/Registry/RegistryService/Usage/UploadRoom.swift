// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage

/// Reserves quota before the body is read, so that concurrent uploads fail early, not after the transfer.
struct UploadRoom: Sendable {
    let store: RoomStore
    let quotas: Quotas
    /// The interval at which a reservation is renewed, short enough to tolerate a stalled node.
    var pause = RoomStore.reservationLifetime / 3

    /// The quota reserved for one upload.
    struct Held {
        /// The identifier of the reservation; nil if no quota is in force.
        let reservation: UploadID?
        fileprivate var granted: Int64
        fileprivate let enlarge: (_ sizeInBytes: Int64) async throws -> Int64

        /// Throws if the body exceeds the quota.
        mutating func admit(_ sizeInBytes: Int64) async throws {
            if sizeInBytes > granted { granted = try await enlarge(sizeInBytes) }
        }
    }

    /// Reserves quota for an upload, and releases it when the upload ends for any reason.
    func holding(
        _ request: UploadFile.Request,
        _ occupant: Occupant,
        _ own: OwnerLimits,
        _ use: (Held) async throws -> UploadFile.Outcome
    ) async throws -> UploadFile.Outcome {
        // A resumable upload holds a reservation from its start.
        if let upload = request.completing { return try await use(Held(reservation: upload, granted: .max) { $0 }) }
        // Without a quota, skip the database; an upload to an existing file can only be an identical retry.
        guard !quotas.with(own).areUnlimited, occupant.file == nil else {
            return try await use(Held(reservation: nil, granted: .max) { $0 })
        }
        let id = UploadID.random()
        let wanted = NewReservation(
            id: id,
            owner: request.owner.id,
            size: request.announcedSize,
            sha256: request.expected.digests[.sha256],
            newVersion: occupant.hasVersion ? nil : request.file.versionCoordinate
        )
        let granted = try Self.granted(try await store.reserve(wanted, keeping: quotas), request)
        let held = Held(reservation: id, granted: granted) { size in
            let larger = try await store.enlarge(id, owner: request.owner.id, to: size, keeping: quotas)
            return try Self.granted(larger, request)
        }
        do {
            let outcome = try await prolonging(id) { try await use(held) }
            // A published file consumed its reservation.
            if case .unchanged = outcome { await release(id) }
            return outcome
        } catch {
            await release(id)
            throw error
        }
    }

    /// Returns the reservation of a resumable upload of unknown size, which grows with the bytes received.
    func growing(
        _ upload: StoredUpload,
        of request: UploadFile.Request,
        _ own: OwnerLimits,
        lifetime: Duration
    ) -> Held {
        let isUnlimited = quotas.with(own).areUnlimited
        return Held(reservation: upload.id, granted: isUnlimited ? .max : 0) { size in
            let larger = try await store.enlarge(
                upload.id,
                owner: request.owner.id,
                to: size,
                lifetime: lifetime,
                keeping: quotas
            )
            return try Self.granted(larger, request)
        }
    }

    private static func granted(_ outcome: ReservationOutcome, _ request: UploadFile.Request) throws -> Int64 {
        try outcome.refuse(to: request.owner.name)
        guard case .reserved(let size) = outcome else { return 0 }
        return size
    }

    private func prolonging<Value>(_ id: UploadID, _ body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: pause)
                    // If this fails, the next renewal retries, or the reservation expires and the publish checks the
                    // quota again.
                    try? await store.prolong(id)
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Releases a reservation; if this fails, it expires.
    private func release(_ id: UploadID) async {
        try? await store.releaseReservation(id)
    }
}

extension ReservationOutcome {
    /// Throws the error for an upload that does not fit an owner's quota.
    func refuse(to owner: OwnerName) throws {
        switch self {
        case .reserved: return
        case .overQuota(let breach): throw RegistryError.quotaExceeded(breach.sentence(to: owner))
        case .tooManyUploads(let limit):
            throw RegistryError.quotaExceeded(
                "quota exceeded: owner \(owner) already has the maximum of \(limit) incomplete uploads; complete or "
                    + "delete some, or ask the administrator to raise limits.uploads"
            )
        }
    }
}

extension RegistryError {
    /// Returns the error for a draft beyond the limit of an owner.
    static func tooManyDrafts(of owner: OwnerName, limit: Int64) -> RegistryError {
        .quotaExceeded(
            "quota exceeded: owner \(owner) already has the maximum of \(limit) drafts; publish or delete some, or ask the "
                + "administrator to raise limits.drafts"
        )
    }
}

extension QuotaBreach {
    /// Returns the error message for a publisher under an owner's name.
    func sentence(to owner: OwnerName) -> String {
        let (subject, setting) =
            switch scope {
            case .owner: ("owner \(owner)", "the limit of \(owner)")
            case .total: ("the registry", measure == .size ? "limits.total-size" : "limits.total-versions")
            }
        let unit = measure == .size ? "bytes" : "versions"
        var sentence = "quota exceeded: \(subject) has \(used) of \(limit) \(unit)"
        if reserved > 0 { sentence += ", uploads in progress have reserved \(reserved)" }
        if measure == .size { sentence += wanted.map { ", and a file of \($0) does not fit" } ?? "" }
        return sentence
            + "; nothing was stored: delete unneeded versions, drafts or unfinished uploads, or ask an administrator to raise "
            + setting
    }
}
