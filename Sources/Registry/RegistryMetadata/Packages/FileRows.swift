// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension Transaction {
    var files: FileRows { FileRows(tx: self) }
}

/// The table of published files.
struct FileRows {
    let tx: Transaction

    private static let byCoordinate: SQL = """
        SELECT \(StoredFile.columns)
        FROM package
        JOIN version ON version.package_id = package.id
        JOIN file ON file.version_id = version.id
        JOIN blob ON blob.id = file.blob_id
        WHERE package.owner_id = $1 AND package.lower_name = $2
            AND version.lower_version = $3 AND file.lower_name = $4
        """

    func find(_ file: FileCoordinate, owner: Int64) throws -> StoredFile? {
        try tx.first(
            Self.byCoordinate,
            [.integer(owner), .text(file.package.folded), .text(file.version.folded), .text(file.file.folded)]
        )
    }

    /// Returns some of the files of a version in the order of their names, after one.
    func list(ofVersion id: Int64, after name: FileName?, limit: Int) throws -> [StoredFile] {
        try tx.all(
            """
            SELECT \(StoredFile.columns) FROM file JOIN blob ON blob.id = file.blob_id
            WHERE file.version_id = $1 AND file.lower_name > $2 ORDER BY file.lower_name LIMIT $3
            """,
            [.integer(id), .text(name?.folded ?? ""), .integer(Int64(limit))]
        )
    }

    /// Returns what exists at the coordinate of a file.
    func occupant(of file: FileCoordinate, owner: Int64) throws -> Occupant {
        guard try tx.versions.id(of: file.versionCoordinate, owner: owner) != nil else {
            return Occupant(hasVersion: false, file: nil)
        }
        return Occupant(hasVersion: true, file: try find(file, owner: owner))
    }

    func insert(_ file: NewFile, _ version: Int64, _ blob: Int64, _ now: Timestamp) throws {
        let name = file.coordinate.file
        let isInserted = try tx.exists(
            """
            INSERT INTO file (version_id, blob_id, name, lower_name, download_count, created_at)
            VALUES ($1, $2, $3, $4, 0, $5)
            ON CONFLICT (version_id, lower_name) DO NOTHING RETURNING id
            """,
            [.integer(version), .integer(blob), .text(name.text), .text(name.folded), .time(now)]
        )
        guard isInserted else { throw try AlreadyExists(file, tx) }
    }
}

extension StoredFile: SQLRecord {
    static let columns: SQL = """
        file.id, file.name, file.created_at, file.download_count, \(StoredBlob.columns)
        """

    init(reading row: inout RowReader) throws {
        let (id, name) = (try row.integer(), try FileName(try row.text()))
        let (createdAt, downloadCount) = (try row.time(), try row.integer())
        self.init(
            id: id,
            name: name,
            blob: try StoredBlob(reading: &row),
            createdAt: createdAt,
            downloadCount: downloadCount
        )
    }
}

/// Undoes a publish, after looking at what stands in its way; a moment later that may be gone.
struct AlreadyExists: Error {
    let occupant: Occupant

    init(_ file: NewFile, _ tx: Transaction) throws {
        occupant = try tx.files.occupant(of: file.coordinate, owner: file.owner)
    }
}
