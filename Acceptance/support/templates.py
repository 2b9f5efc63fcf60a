# SPDX-License-Identifier: Apache-2.0
"""Registries that were started once: with the schema, and an administrator whose password is checked at no cost.

A hash carries its own cost, so the server needs no switch for this.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from engines import Engines, database_name
from granary_server import ADMIN_PASSWORD, GranaryServer

UPDATE = "UPDATE account SET password_hash = "


def cheap_hash(password: str) -> str:
    """The stored form of a password, with the least cost that scrypt has."""
    salt = b"acceptance tests"
    key = hashlib.scrypt(password.encode(), salt=salt, n=2, r=8, p=1, dklen=32)
    return "$".join(["scrypt", "2", "8", "1", *(base64.b64encode(part).decode() for part in (salt, key))])


def sqlite_template(binary: Path, folder: Path) -> Path:
    """The database of a registry in a data directory."""
    server = GranaryServer(binary, folder / "data", logs=folder / "logs", fresh=True).start()
    assert server.stop() == 0, server.log_tail()
    path = server.data / "granary.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(UPDATE + "?", [cheap_hash(ADMIN_PASSWORD)])
        database.commit()
        # The copies of the file must be whole.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def postgres_template(binary: Path, folder: Path, engines: Engines) -> str:
    """The name of the database of a registry, which new ones are copies of."""
    pair = engines.make_pair()
    server = GranaryServer(binary, folder / "data", logs=folder / "logs", pair=pair, fresh=True).start()
    assert server.stop() == 0, server.log_tail()
    name = database_name(pair.database)
    engines.postgres.sql(f"{UPDATE}'{cheap_hash(ADMIN_PASSWORD)}'", database=name)
    return name
