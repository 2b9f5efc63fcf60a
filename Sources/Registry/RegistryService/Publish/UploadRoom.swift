// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage

/// Lets uploads that run at the same time see each other where a quota bounds them, so that none is received in vain.
struct UploadRoom: Sendable {
    let metadata: MetadataStore
    let quotas: Quotas
    /// How often a reservation is prolonged; a node may be held up for the rest of its lifetime.
    var pause = MetadataStore.reservationLifetime / 3

    /// The room of one upload.
    struct Held {
        /// What was set aside; nil where no quota is in force.
        let reservation: UploadID?
        fileprivate var granted: Int64
        fileprivate let enlarge: (_ sizeInBytes: Int64) async throws -> Int64

        /// Throws when a body of this size is more than there is room for.
        mutating func admit(_ sizeInBytes: Int64) async throws {
            if sizeInBytes > granted { granted = try await enlarge(sizeInBytes) }
        }
    }

    /// Sets room aside, and gives it back when the upload ends in any way.
    func holding(
        _ request: UploadFile.Request,
        _ occupant: Occupant,
        _ own: OwnerLimits,
        _ use: (Held) async throws -> UploadFile.Outcome
    ) async throws -> UploadFile.Outcome {
        // An upload that came in pieces has held its room since it was begun.
        if let upload = request.completing { return try await use(Held(reservation: upload, granted: .max) { $0 }) }
        // Without a quota nothing is asked of the database; what meets a file can only be that file once more.
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
        let granted = try Self.granted(try await metadata.reserve(wanted, keeping: quotas), request)
        let held = Held(reservation: id, granted: granted) { size in
            let larger = try await metadata.enlarge(id, owner: request.owner.id, to: size, keeping: quotas)
            return try Self.granted(larger, request)
        }
        do {
            let outcome = try await prolonging(id) { try await use(held) }
            // A file that was published took its reservation with it.
            if case .unchanged = outcome { await release(id) }
            return outcome
        } catch {
            await release(id)
            throw error
        }
    }

    /// The room of an upload in pieces whose size nobody knows yet, which grows with what comes.
    func growing(
        _ upload: StoredUpload,
        of request: UploadFile.Request,
        _ own: OwnerLimits,
        lifetime: Duration
    ) -> Held {
        let isUnlimited = quotas.with(own).areUnlimited
        return Held(reservation: upload.id, granted: isUnlimited ? .max : 0) { size in
            let larger = try await metadata.enlarge(
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
                    // What cannot be prolonged now is next time, or runs out: the publish decides anew.
                    try? await metadata.prolong(id)
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// What cannot be given back now runs out.
    private func release(_ id: UploadID) async {
        try? await metadata.releaseReservation(id)
    }
}

extension ReservationOutcome {
    /// Throws what is to be told to somebody for whom there is no room under an owner's name.
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
    /// What is to be told to somebody who begins one draft too many.
    static func tooManyDrafts(of owner: OwnerName, limit: Int64) -> RegistryError {
        .quotaExceeded(
            "quota exceeded: owner \(owner) already has the maximum of \(limit) drafts; publish or delete some, or ask the "
                + "administrator to raise limits.drafts"
        )
    }
}

extension QuotaBreach {
    /// What is to be told to somebody who publishes under an owner's name.
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
