# SPDX-License-Identifier: Apache-2.0
"""A registry with very many files, written directly into the database of a server that does not run.

One file is published through the server; all others are copies of its rows under other names, so their content is
there. Copies take over every column, also those that this program does not know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

FILES_A_VERSION = 10

# The row that is copied, and what each copy changes.
Change = dict[str, object]


def write_many_files(database: Path, number: int) -> None:
    """Adds `number` files: half of the versions in the package `large`, every other one in a package of its own."""
    versions = number // FILES_A_VERSION
    half = versions // 2
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        # The server is stopped and the data can be made again: nothing needs to be durable until the end.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        package = _copier(connection, "package")
        version = _copier(connection, "version")
        file = _copier(connection, "file")
        first_package = package(_packages(half, versions - half))
        first_version = version(_versions(versions, half, first_package))
        file(_files(versions, first_version))
        connection.execute(
            "UPDATE usage SET version_count = version_count + ?, file_count = file_count + ?", (versions, number)
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _packages(large: int, others: int) -> Iterator[Change]:
    yield {"name": "large", "lower_name": "large", "version_count": large}
    for number in range(others):
        name = f"small-{number:07}"
        yield {"name": name, "lower_name": name, "version_count": 1}


def _versions(number: int, half: int, first_package: int) -> Iterator[Change]:
    for index in range(number):
        package, name = (0, f"1.0.{index}") if index < half else (index - half + 1, "1.0.0")
        yield {
            "package_id": first_package + package, "version": name, "lower_version": name, "sort_key": _sort_key(name),
            "is_release": 1,
        }


def _sort_key(release: str) -> bytes:
    """The key of a version without a pre-release, as the registry's `VersionRank` makes it."""
    return b"".join(bytes([len(number)]) + number.encode() for number in release.split(".")) + b"\x03"


def _files(versions: int, first_version: int) -> Iterator[Change]:
    for version in range(first_version, first_version + versions):
        for number in range(FILES_A_VERSION):
            name = f"file-{number}.bin"
            yield {"version_id": version, "name": name, "lower_name": name}


def _copier(connection: sqlite3.Connection, table: str) -> Callable[[Iterable[Change]], int]:
    """A function that inserts copies of the table's newest row, numbered on, and returns the first number."""
    found = connection.execute(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")
    columns = [column[0] for column in found.description]
    template = dict(zip(columns, found.fetchone(), strict=True))
    places = ", ".join(f":{column}" for column in columns)

    def insert(changes: Iterable[Change]) -> int:
        first = template["id"] + 1
        rows = (template | change | {"id": first + index} for index, change in enumerate(changes))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
        return first

    return insert
