// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage

/// The registry's records: one store per noun, each method of which is one whole operation in one transaction.
package struct Metadata: Sendable {
    package let database: MetadataDatabase

    /// Without a watch, the database's clock is always trusted.
    package init(database: any SQLDatabase, clockWatch: ClockWatch? = nil) {
        self.database = MetadataDatabase(database, clockWatch: clockWatch)
    }

    package var accounts: AccountStore { AccountStore(database: database) }
    package var organizations: OrganizationStore { OrganizationStore(database: database) }
    package var credentials: CredentialStore { CredentialStore(database: database) }
    package var packages: PackageStore { PackageStore(database: database) }
    package var search: SearchStore { SearchStore(database: database) }
    package var publishing: PublishStore { PublishStore(database: database) }
    package var drafts: DraftStore { DraftStore(database: database) }
    package var uploads: UploadStore { UploadStore(database: database) }
    package var room: RoomStore { RoomStore(database: database) }
    package var blobIndex: BlobIndex { BlobIndex(database: database) }
    package var removals: RemovalStore { RemovalStore(database: database) }
    package var checks: CheckStore { CheckStore(database: database) }
    package var leases: LeaseStore { LeaseStore(database: database) }
    package var schema: SchemaStore { SchemaStore(database: database) }
    package var transfer: TransferStore { TransferStore(database: database) }
}
