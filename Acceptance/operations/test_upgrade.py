# SPDX-License-Identifier: Apache-2.0
"""A data directory of an earlier schema opens as it is, with what was unfinished in it."""

from __future__ import annotations

import sqlite3

from drafts import Draft
from files import contents, download, put
from granary_server import GranaryServer
from registry_checks import SOUND, usage
from resumable import Upload
from server_fixtures import ServerFactory

#: What the migrations 6 to 8 did, the other way round, to the schema that migration 5 left.
TO_SCHEMA_5 = """
    ALTER TABLE upload DROP COLUMN is_size_known;
    DROP VIEW room_set_aside;
    DROP TABLE reserved_version;
    ALTER TABLE draft DROP COLUMN new_version;
    ALTER TABLE usage DROP COLUMN reserved_size;
    ALTER TABLE usage DROP COLUMN reserved_version_count;
    ALTER TABLE usage DROP COLUMN upload_count;
    ALTER TABLE usage DROP COLUMN draft_count;
    CREATE VIEW room_set_aside AS
        SELECT owner_id, size, new_version, expires_at FROM reservation
        UNION ALL
        SELECT draft.owner_id, draft.size,
            CASE WHEN version.id IS NULL
                THEN CAST(draft.owner_id AS VARCHAR) || '/' || draft.lower_package || '/' || draft.lower_version END,
            draft.expires_at
        FROM draft
        LEFT JOIN package ON package.owner_id = draft.owner_id AND package.lower_name = draft.lower_package
        LEFT JOIN version ON version.package_id = package.id AND version.lower_version = draft.lower_version;
    DELETE FROM schema_migration WHERE number > 5;
"""


def change_database(server: GranaryServer, statements: str) -> None:
    connection = sqlite3.connect(server.data / "granary.db")
    try:
        connection.executescript(statements)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_a_registry_of_an_earlier_schema_goes_on(make_server: ServerFactory) -> None:
    server = make_server().start()
    content = contents(300_000)
    for number in range(20):
        assert put(server, content[number:], f"1.0.{number}") == 201
    upload = Upload.begin(server, len(content), "2.0.0")
    assert upload.patch(0, content[:100_000]).status_code == 204
    dropped = Upload.begin(server, 10, "4.0.0")
    draft = Draft(server, "3.0.0")
    assert draft.put("a.bin", content).status_code == 201
    before = usage(server)
    assert server.stop() == 0
    change_database(server, TO_SCHEMA_5)
    server.start()
    assert usage(server) == before
    assert [download(server, f"1.0.{number}") for number in range(20)] == [content[number:] for number in range(20)]
    assert upload.offset() == 100_000 and dropped.offset() == 0
    assert upload.patch(100_000, content[100_000:]).status_code == 204 and download(server, "2.0.0") == content
    assert dropped.drop() == 204 and draft.publish().status_code == 201
    assert download(server, "3.0.0", "a.bin") == content
    assert server.run_admin("fsck").returncode == SOUND
    after = usage(server)
    assert (after["reserved_size"], after["reserved_version_count"]) == (0, 0)
    # Once more: what was migrated stays.
    assert server.stop() == 0
    server.start()
    assert usage(server) == after
