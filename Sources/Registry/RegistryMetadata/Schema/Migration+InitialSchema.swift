// SPDX-License-Identifier: Apache-2.0

extension Migration {
    static let initialSchema = Migration(
        number: 1,
        name: "owners, packages, blobs",
        statements: owners + packages
    )

    // Moments are UTC microseconds, truth values 0 or 1, digests bytes. A name is stored as given, and once more in
    // lower case for uniqueness and look-up.

    private static let owners = [
        """
        CREATE TABLE owner (
            id {identity},
            name TEXT NOT NULL,
            lower_name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
            visibility TEXT NOT NULL CHECK (visibility IN ('public', 'limited', 'private')),
            contract TEXT CHECK (contract IN ('documented', 'current')),
            full_name TEXT NOT NULL DEFAULT '',
            description TEXT NOT NULL DEFAULT '',
            website TEXT NOT NULL DEFAULT '',
            location TEXT NOT NULL DEFAULT '',
            contact_email TEXT NOT NULL DEFAULT '',
            created_at BIGINT NOT NULL
        )
        """,
        // Names that owners had before; each leads to the owner until somebody takes it.
        """
        CREATE TABLE owner_redirect (
            lower_name TEXT PRIMARY KEY,
            owner_id BIGINT NOT NULL REFERENCES owner (id) ON DELETE CASCADE
        )
        """,
        "CREATE INDEX owner_redirect_owner ON owner_redirect (owner_id)",
        """
        CREATE TABLE account (
            owner_id BIGINT PRIMARY KEY REFERENCES owner (id) ON DELETE CASCADE,
            email TEXT NOT NULL,
            lower_email TEXT NOT NULL UNIQUE,
            password_hash TEXT,
            is_administrator BIGINT NOT NULL,
            is_active BIGINT NOT NULL,
            is_login_prohibited BIGINT NOT NULL,
            is_restricted BIGINT NOT NULL,
            must_change_password BIGINT NOT NULL DEFAULT 0,
            is_email_hidden BIGINT NOT NULL DEFAULT 0
        )
        """,
        // What is shown of an owner; the columns are read by their position.
        """
        CREATE VIEW owner_profile AS
        SELECT owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
            owner.full_name, owner.description, owner.website, owner.location, owner.created_at,
            COALESCE(account.email, owner.contact_email) AS email,
            account.is_administrator, account.is_active, account.is_login_prohibited, account.is_restricted,
            account.must_change_password, account.is_email_hidden,
            owner.lower_name
        FROM owner LEFT JOIN account ON account.owner_id = owner.id
        """,
        """
        CREATE TABLE team (
            id {identity},
            organization_id BIGINT NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            lower_name TEXT NOT NULL,
            description TEXT NOT NULL DEFAULT '',
            is_owners BIGINT NOT NULL,
            is_administrators BIGINT NOT NULL DEFAULT 0,
            packages_permission TEXT NOT NULL CHECK (packages_permission IN ('none', 'read', 'write')),
            created_at BIGINT NOT NULL,
            UNIQUE (organization_id, lower_name)
        )
        """,
        """
        CREATE TABLE team_member (
            team_id BIGINT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
            account_id BIGINT NOT NULL REFERENCES account (owner_id) ON DELETE CASCADE,
            PRIMARY KEY (team_id, account_id)
        )
        """,
        "CREATE INDEX team_member_account ON team_member (account_id)",
        """
        CREATE TABLE access_token (
            id {identity},
            account_id BIGINT NOT NULL REFERENCES account (owner_id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            secret_sha256 {bytes} NOT NULL UNIQUE,
            last_eight TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            last_used_at BIGINT,
            UNIQUE (account_id, name)
        )
        """,
    ]

    private static let packages = [
        """
        CREATE TABLE blob (
            id {identity},
            sha256 {bytes} NOT NULL,
            size BIGINT NOT NULL,
            storage_key TEXT NOT NULL UNIQUE,
            md5 {bytes},
            sha1 {bytes},
            sha512 {bytes},
            created_at BIGINT NOT NULL,
            UNIQUE (sha256, size)
        )
        """,
        // Finds the few blobs whose further digests are still to be computed.
        "CREATE INDEX blob_without_digests ON blob (id) WHERE sha512 IS NULL",
        """
        CREATE TABLE package (
            id {identity},
            owner_id BIGINT NOT NULL REFERENCES owner (id),
            name TEXT NOT NULL,
            lower_name TEXT NOT NULL,
            version_count BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (owner_id, lower_name)
        )
        """,
        """
        CREATE TABLE version (
            id {identity},
            package_id BIGINT NOT NULL REFERENCES package (id),
            version TEXT NOT NULL,
            lower_version TEXT NOT NULL,
            creator_id BIGINT REFERENCES account (owner_id) ON DELETE SET NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (package_id, lower_version)
        )
        """,
        // Gives a page of a package's versions in its order.
        "CREATE INDEX version_package ON version (package_id, id)",
        "CREATE INDEX version_creator ON version (creator_id)",
        """
        CREATE TABLE file (
            id {identity},
            version_id BIGINT NOT NULL REFERENCES version (id),
            blob_id BIGINT NOT NULL REFERENCES blob (id),
            name TEXT NOT NULL,
            lower_name TEXT NOT NULL,
            download_count BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (version_id, lower_name)
        )
        """,
        "CREATE INDEX file_blob ON file (blob_id)",
        // Blobs that lost a file and are to be looked at by the next garbage collection.
        "CREATE TABLE blob_candidate (blob_id BIGINT PRIMARY KEY)",
        // Content whose row is gone and which is still to be removed from the store.
        "CREATE TABLE blob_removal (storage_key TEXT PRIMARY KEY)",
    ]
}
