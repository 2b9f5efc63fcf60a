# SPDX-License-Identifier: Apache-2.0
"""The oracle: knows what every client was told, and after a fault checks that the registry still agrees."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

import requests

from granary_server import GranaryServer
from hashing import file_sha256
from waiting import wait_until


# How many files are looked at at the same time.
READERS = 8
# In the place of a status: the whole content did not come.
BROKEN_OFF = 0


@dataclass(frozen=True, order=True)
class Coordinate:
    """Owner, package, version and file."""

    owner: str
    name: str
    version: str
    file: str


class Fate(Enum):
    """What the clients of one file were told."""

    PUBLISHED = "201 was answered"
    REFUSED = "a refusal (4xx) was answered"
    DELETED = "204 was answered to a delete"
    # No answer, or a 5xx: a server whose disk fails in the last step cannot know what a later start will find.
    OPEN = "the upload's outcome was left open"
    OPEN_DELETE = "the delete's outcome was left open"


@dataclass
class Expectation:
    """The fate of one file and the SHA-256 that it has if it is there."""

    fate: Fate
    sha256: str


class Oracle:
    """Uploads and deletes through it are remembered; `check` compares the registry with the memory."""

    def __init__(self) -> None:
        self.expected: dict[Coordinate, Expectation] = {}
        self.lock = threading.Lock()
        # Set while answers prove nothing, so that what they say is left open.
        self.doubt = threading.Event()

    @contextmanager
    def in_doubt(self) -> Iterator[None]:
        """What is answered meanwhile is left open.

        While a file system is shut down, an fdatasync that is under way can return 0 for what never reaches the disk
        (ext4 of Linux 6.1). A machine whose power fails answers nobody any more.
        """
        self.doubt.set()
        try:
            yield
        finally:
            self.doubt.clear()

    def publish(
        self,
        session: requests.Session,
        server: GranaryServer,
        coordinate: Coordinate,
        body: bytes,
        timeout: float = 60,
    ) -> int | None:
        """Publishes a file once and returns the status, or None when no answer came."""
        expectation = Expectation(Fate.OPEN, hashlib.sha256(body).hexdigest())
        with self.lock:
            assert coordinate not in self.expected, "a test publishes each coordinate once"
            self.expected[coordinate] = expectation
        try:
            answer = session.put(url_of(server, coordinate), data=body, timeout=timeout)
        except requests.RequestException:
            return None
        if answer.status_code < 500 and not self.doubt.is_set():
            expectation.fate = Fate.PUBLISHED if answer.status_code == 201 else Fate.REFUSED
        return answer.status_code

    def delete(
        self, session: requests.Session, server: GranaryServer, coordinate: Coordinate, timeout: float = 60
    ) -> int | None:
        """Deletes a published file and returns the status, or None when no answer came."""
        expectation = self.expected[coordinate]
        expectation.fate = Fate.OPEN_DELETE
        try:
            answer = session.delete(url_of(server, coordinate), timeout=timeout)
        except requests.RequestException:
            return None
        if answer.status_code < 500 and not self.doubt.is_set():
            expectation.fate = Fate.DELETED if answer.status_code == 204 else Fate.PUBLISHED
        return answer.status_code

    def count(self, fate: Fate) -> int:
        with self.lock:
            return sum(1 for expectation in self.expected.values() if expectation.fate is fate)

    # Checks

    def check(self, server: GranaryServer, prefix: str = "", leftovers: bool = False) -> None:
        """Nothing acknowledged is lost, nothing else is visible, and (but for leftovers) nothing is left behind.

        Every file is looked up in the lists; those of packages whose names begin with the prefix are read as well.
        """
        session = server.http("admin")
        problems: list[str] = []
        read = self._read(server, prefix)
        listed = listed_files(session, server, {coordinate.owner for coordinate in self.expected})
        for coordinate, expectation in sorted(self.expected.items()):
            seen = [("listed", 200, listed[coordinate]) if coordinate in listed else ("listed", 404, "")]
            if coordinate in read:
                seen.append(("read", *read[coordinate]))
            problems += [f"{coordinate} {how}: {judge(expectation, *what)}" for how, *what in seen
                         if judge(expectation, *what)]
            if len({status for _, status, _ in seen}) > 1:
                problems.append(f"{coordinate}: lists and downloads disagree: {seen}")
        problems += [f"{extra} is listed and nobody published it" for extra in sorted(set(listed) - set(self.expected))]
        assert not problems, f"{len(problems)} problems, {len(self.expected)} files: " + "\n".join(problems[:40])
        self.check_content(server, set(listed.values()), leftovers)

    def _read(self, server: GranaryServer, prefix: str) -> dict[Coordinate, tuple[int, str]]:
        """What a GET of each file gives, of packages whose names begin with the prefix."""
        wanted = [coordinate for coordinate in self.expected if coordinate.name.startswith(prefix)]
        with ThreadPoolExecutor(READERS) as pool:
            return dict(zip(wanted, pool.map(lambda one: digest_of(server.http("admin"), server, one), wanted)))

    def check_content(self, server: GranaryServer, needed: set[str], leftovers: bool) -> None:
        """No staged bytes, one blob for each visible content, and none besides those and deleted ones."""
        deleted = {
            expectation.sha256
            for expectation in self.expected.values()
            if expectation.fate in (Fate.DELETED, Fate.OPEN_DELETE)
        }
        wait_until(lambda: not server.staged_files(), "staging/ is empty")
        if blob_problems(server, needed, deleted, leftovers):
            # What a crash left is removed by the next collection.
            server.admin("gc")
        wait_until(
            lambda: not blob_problems(server, needed, deleted, leftovers),
            f"kept content is what is referred to {blob_problems(server, needed, deleted, leftovers)[:10]}",
        )
        for path in server.blob_files():
            assert file_sha256(path) == path.name.partition(".")[0], f"{path} has other content than its name says"


def url_of(server: GranaryServer, coordinate: Coordinate) -> str:
    return server.file_url(coordinate.owner, coordinate.name, coordinate.version, coordinate.file)


def judge(expectation: Expectation, status: int, sha256: str) -> str | None:
    """What is wrong with an answer, or None."""
    if status == BROKEN_OFF:
        return f"the answer breaks off or never comes ({expectation.fate.value})"
    if status not in (200, 404):
        return f"the answer is {status}"
    if status == 200 and sha256 != expectation.sha256:
        return f"other bytes ({expectation.fate.value})"
    if status == 404 and expectation.fate is Fate.PUBLISHED:
        return "it was acknowledged with 201 and is lost"
    if status == 200 and expectation.fate in (Fate.REFUSED, Fate.DELETED):
        return f"it is visible although {expectation.fate.value}"
    return None


def digest_of(
    session: requests.Session, server: GranaryServer, coordinate: Coordinate, timeout: float = 30
) -> tuple[int, str]:
    """The status of a GET and the SHA-256 of the whole content."""
    digest = hashlib.sha256()
    try:
        with session.get(url_of(server, coordinate), stream=True, timeout=timeout) as answer:
            for block in answer.iter_content(1 << 20):
                digest.update(block)
            complete = answer.headers.get("Content-Length") in (None, str(answer.raw.tell()))
    except requests.RequestException:
        complete = False
    return (answer.status_code, digest.hexdigest()) if complete else (BROKEN_OFF, "")


def listed_files(session: requests.Session, server: GranaryServer, owners: set[str]) -> dict[Coordinate, str]:
    """Every file that the JSON lists name, with the SHA-256 of its record."""
    versions = [
        (owner, package["name"], version["version"])
        for owner in owners
        for package in pages(session, server, "packages", owner)
        for version in pages(session, server, "versions", owner, package["name"])
    ]
    with ThreadPoolExecutor(READERS) as pool:
        records = pool.map(lambda version: server.record(*version), versions)
        return {
            Coordinate(*version, file["name"]): file["sha256"]
            for version, record in zip(versions, records)
            for file in record["files"]
        }


def pages(session: requests.Session, server: GranaryServer, key: str, *path: str) -> list[dict]:
    """All entries of a list, page after page; an absent list has none."""
    url = "/".join([f"{server.url}/api/granary/v1/packages", *map(quote, path)])
    entries: list[dict] = []
    parameters: dict[str, str] = {}
    while True:
        answer = session.get(url, params=parameters, timeout=60)
        if answer.status_code == 404:
            return entries
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text}"
        page = answer.json()
        entries += page[key]
        if not page.get("next"):
            return entries
        assert page["next"] != parameters.get("after"), "the list does not go forward"
        parameters = {"after": page["next"]}


def blob_problems(server: GranaryServer, needed: set[str], deleted: set[str], leftovers: bool) -> list[str]:
    """Blobs that are missing and, but for leftovers, those that are kept twice or referenced by nothing."""
    kept = Counter(name.partition(".")[0] for name in server.blob_names())
    problems = [f"missing {sha256}" for sha256 in needed - set(kept)]
    if leftovers:
        return problems
    problems += [f"orphan {sha256}" for sha256 in set(kept) - needed - deleted]
    problems += [f"kept {count} times {sha256}" for sha256, count in kept.items() if count > 1]
    return problems
